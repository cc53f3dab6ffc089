"""The browser cuts a text into the tokens of the Python lesson."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import bookbuild
from lessons.tokens import (
    BytePairTokenizer,
    parallel_sentences,
    readable,
    sample_text,
    split_pieces,
    train_bpe,
)
from support import few
from support.node import in_node

SCRIPT = Path(bookbuild.__file__).parent / "static" / "live" / "bytepair.js"
RUN = """
import { bytePairTokenizer } from "./bytepair.js";
import { readFileSync } from "node:fs";
const { merges, texts } = JSON.parse(readFileSync(0, "utf8"));
const tokenizer = bytePairTokenizer(merges);
const answers = texts.map(text => {
  const ids = tokenizer.encode(text);
  return { ids, shown: ids.map(tokenizer.readable) };
});
console.log(JSON.stringify(answers));
"""
TOKENIZER = BytePairTokenizer(train_bpe(split_pieces(sample_text()), vocab_size=512))
# Either side may know characters of a newer Unicode, which the other takes for unassigned.
assigned = st.text(st.characters(codec="utf-8", exclude_categories=("Cn", "Cs")))
TEXTS = [
    "",
    sample_text(),
    *(sentence for of in parallel_sentences().values() for sentence in of),
    "I'll  pay 12.50\n\n\tfor  it, don't\u00a0you?  ½ naïve_word ",
    "\ufeffmark\u0085line\x1cseparator\u2028 end\u3000",
    "🙂 e\u0301 \u0000 <|endoftext|>",
    "aaaa aaa the the thethe",
]


def answers(
    texts: list[str], folder: Path, source: str, tokenizer: BytePairTokenizer = TOKENIZER
) -> list[dict]:
    return in_node(
        RUN, {"merges": tokenizer.merge_ids(), "texts": texts}, {"bytepair.js": source}, folder
    )


def differences(texts: list[str], found: list[dict], tokenizer=TOKENIZER) -> list[str]:
    """Return the texts that the browser cuts differently."""
    assert len(found) == len(texts)
    return [
        text for text, one in zip(texts, found, strict=True) if one["ids"] != tokenizer.encode(text)
    ]


def test_browser_gives_the_lesson_s_ids(tmp_path):
    assert differences(TEXTS, answers(TEXTS, tmp_path, SCRIPT.read_text("utf-8"))) == []


@few
@given(
    texts=st.lists(st.one_of(assigned, st.text(st.sampled_from("the and'\n\t 1é"))), max_size=20)
)
def test_browser_gives_the_lesson_s_ids_of_any_text(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("node")
    assert differences(texts, answers(texts, folder, SCRIPT.read_text("utf-8"))) == []


def test_tokens_are_shown_alike(tmp_path):
    texts = [text for text in TEXTS if text.isprintable() or text == sample_text()]
    assert len(texts) > 40
    for text, one in zip(texts, answers(texts, tmp_path, SCRIPT.read_text("utf-8")), strict=True):
        assert one["shown"] == [readable(token) for token in TOKENIZER.tokenize(text)]


def test_a_token_made_twice_has_one_id(tmp_path):
    merges = [(b"a", b"b"), (b"b", b"c"), (b"a", b"bc"), (b"ab", b"c"), (b"abc", b"d")]
    tokenizer = BytePairTokenizer(merges)
    texts = ["abc", "abcd", "bcd", "aabcd"]
    found = answers(texts, tmp_path, SCRIPT.read_text("utf-8"), tokenizer)
    assert differences(texts, found, tokenizer) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("step.rank < best.rank", "step.rank > best.rank"),
        ("step.rank < best.rank", "step.rank <= best.rank"),
        ("byte !== 173", "true"),
        (r"| ?\p{N}+", ""),
        (r"+(?!\P{White_Space})", ""),
        (r"[^\p{White_Space}\p{L}\p{N}]", r"[^\s\p{L}\p{N}]"),
        ("'s|", ""),
    ],
)
def test_a_wrong_cut_is_noticed(tmp_path, right, wrong):
    source = SCRIPT.read_text("utf-8")
    assert right in source
    texts = [*TEXTS, "the cat's", "aaa", "a   the"]
    more = [(b"a", b"a"), (b"'", b"s"), (b" ", b" ")]
    tokenizer = BytePairTokenizer([*TOKENIZER.merges, *more])
    found = answers(texts, tmp_path, source.replace(right, wrong), tokenizer)
    assert differences(texts, found, tokenizer)
