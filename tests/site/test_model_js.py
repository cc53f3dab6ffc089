"""The models in the browser answer as PyTorch does: every logit and every weight.

Under Node, where most of it is quick to try, and in Chromium, where readers have it.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
)

import bookbuild
from lessons.interpretation import silenced
from lessons.models import load
from lessons.models.grammar.draws import draw_sentences, draw_translations
from lessons.models.loading.loader import WEIGHTS
from support.node import in_node
from support.visit import serve

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
NAMES = ("attention.js", *(f"model/{path.name}" for path in (LIVE / "model").glob("*.js")))
FOR_NODE = """
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const read = async (name) => new Response(await readFile(`${given.folder}/${name}`));
"""
FOR_CHROMIUM = """
const given = await (await fetch("given.json")).json();
const read = (name) => fetch(`weights/${name}`);
"""
READ = (
    FOR_NODE
    + """
import { readModel } from "./model/files.js";
import { Tokenizer } from "./model/tokenizer.js";
const model = await readModel(read);
const tokenizer = new Tokenizer(model.tokenizer);
const table = (x) => Array.from({ length: x.rows }, (_, i) =>
  Array.from(x.data.subarray(i * x.columns, (i + 1) * x.columns)));
"""
)
ENCODER = (
    READ
    + """
import { encode } from "./model/encoder.js";
const answers = given.texts.map((text) => {
  const { ids } = tokenizer.encode(text);
  const { logits, attentions } = encode(ids, model);
  return { ids, logits: table(logits), attentions };
});
console.log(JSON.stringify(answers));
"""
)
DECODER = (
    READ
    + """
import { decode, turned } from "./model/decoder.js";
const ready = turned(model);
const answers = given.texts.map((text) => {
  const { ids } = tokenizer.encode(text);
  const { logits, attentions } = decode(ids, ready);
  let [cache, steps] = [null, []];
  for (const id of ids) {
    const step = decode([id], ready, cache);
    steps.push(table(step.logits)[0]);
    cache = step.cache;
  }
  return { ids, logits: table(logits), attentions, steps };
});
console.log(JSON.stringify(answers));
"""
)
TRANSLATOR = (
    READ
    + """
import { encodeSource, decodeTarget } from "./model/translator.js";
const start = model.config.decoder_start_token_id;
const answers = given.texts.map((text) => {
  const { ids } = tokenizer.encode(text);
  const { states, attentions } = encodeSource(ids, model);
  const written = [start, ...ids.slice(0, 6)];
  const whole = decodeTarget(written, states, model);
  let [cache, steps] = [null, []];
  for (const id of written) {
    const step = decodeTarget([id], states, model, cache);
    steps.push(table(step.logits)[0]);
    cache = step.cache;
  }
  return { ids, written, logits: table(whole.logits), attentions, own: whole.attentions,
    crossing: whole.crossing, steps };
});
console.log(JSON.stringify(answers));
"""
)
KINDS = {
    "encoder": (AutoModelForMaskedLM, ENCODER),
    "decoder": (AutoModelForCausalLM, DECODER),
    "translator": (AutoModelForSeq2SeqLM, TRANSLATOR),
}


def sources() -> dict[str, str]:
    return {name: (LIVE / name).read_text("utf-8") for name in NAMES}


def of_pytorch(model, answer: dict) -> dict[str, torch.Tensor]:
    """Return what PyTorch answers for the same ids, under the names of the browser's answer."""
    ids = torch.tensor([answer["ids"]])
    if "written" in answer:
        written = torch.tensor([answer["written"]])
        out = model(input_ids=ids, decoder_input_ids=written, output_attentions=True)
        expected = {
            "attentions": out.encoder_attentions,
            "own": out.decoder_attentions,
            "crossing": out.cross_attentions,
        }
    else:
        out = model(input_ids=ids, output_attentions=True)
        expected = {"attentions": out.attentions}
    expected = {name: torch.stack(layers)[:, 0] for name, layers in expected.items()}
    logits = out.logits[0]
    return {**expected, "logits": logits, **({"steps": logits} if "steps" in answer else {})}


@torch.inference_mode()
def difference(model, answers: list[dict]) -> float:
    """Return the largest difference, of logits relative to the largest logit of their text."""
    worst = 0.0
    for answer in answers:
        for name, expected in of_pytorch(model, answer).items():
            got = torch.tensor(answer[name])
            assert got.shape == expected.shape
            worst = max(worst, ((got - expected).abs().max() / max(1, expected.abs().max())).item())
    return worst


def texts(kind: str, count: int) -> list[str]:
    if kind == "translator":
        return [pair.source.text for pair in draw_translations(count, seed=3)]
    kinds = ("winograd", "agreement", "people", "plain")
    return [
        sentence.text
        for kind in kinds
        for sentence in draw_sentences(kind, "test", count // len(kinds), seed=3)
    ]


def in_chromium(chrome, script: str, given: dict, modules: Mapping[str, str], folder: Path) -> Any:
    """Do as `in_node` does, in a page."""
    shutil.copytree(given["folder"], folder / "weights")
    page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="run.js">'
    written = {"run.js": script.replace(FOR_NODE, FOR_CHROMIUM), "given.json": json.dumps(given)}
    for name, text in {**modules, **written, "index.html": page + "</script>"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with serve(folder) as address:
        opened = chrome.new_page()
        opened.add_init_script("console.log = (text) => { window.told = text; };")
        opened.goto(f"{address}/index.html")
        opened.wait_for_function("window.told")
        told = opened.evaluate("window.told")
        opened.close()
    return json.loads(told)


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    def answer(kind: str, folder: Path, given: list[str], changed: dict | None = None, chrome=None):
        _, script = KINDS[kind]
        question = {"folder": str(folder), "texts": given}
        all_sources, place = {**sources(), **(changed or {})}, tmp_path_factory.mktemp("run")
        if chrome:
            return in_chromium(chrome, script, question, all_sources, place)
        return in_node(script, question, all_sources, place)

    return answer


@pytest.fixture(params=["Node", "Chromium"])
def where(request):
    """Return the browser that runs the scripts, or None for Node."""
    return request.getfixturevalue("chrome") if request.param == "Chromium" else None


@pytest.mark.parametrize("kind", KINDS)
def test_the_book_s_models_answer_as_in_pytorch(answered, where, kind):
    folder = WEIGHTS / kind
    given = texts(kind, 200)
    answers = answered(kind, folder, given, chrome=where)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert [answer["ids"] for answer in answers] == tokenizer(given).input_ids
    model = KINDS[kind][0].from_pretrained(folder, attn_implementation="eager").eval()
    assert difference(model, answers) < 1e-5


def test_a_silent_head_writes_what_it_is_told(tmp_path):
    """As in Python, where the same values are put in the head's place."""
    script = (
        READ
        + """
import { encode } from "./model/encoder.js";
const replaced = (layer, head) => (layer === 1 && head === 2 ? given.answer : null);
const { logits, attentions } = encode(tokenizer.encode(given.texts[0]).ids, model, replaced);
console.log(JSON.stringify([{ logits: table(logits), attentions }]));
"""
    )
    [text] = texts("encoder", 4)[:1]
    usual = torch.randn(32, generator=torch.Generator().manual_seed(0))
    question = {"folder": str(WEIGHTS / "encoder"), "texts": [text], "answer": usual.tolist()}
    [answer] = in_node(script, question, sources(), tmp_path)
    encoder = load("encoder", source="book")
    batch = encoder.tokenizer(text, return_tensors="pt")
    outputs = {(1, 2): usual.expand(1, batch.input_ids.shape[1], -1)}
    with torch.no_grad(), silenced(encoder.model, outputs, [(1, 2)]):
        out = encoder.model(**batch, output_attentions=True)
    for name, expected in (("logits", out.logits[0]), ("attentions", torch.cat(out.attentions))):
        got = torch.tensor(answer[name])
        assert (got - expected).abs().max() < 1e-4 * max(1, expected.abs().max())
    with torch.no_grad():
        whole = encoder.model(**batch).logits[0]
    assert (whole - out.logits[0]).abs().max() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_any_weights_do(answered, where, kind, tmp_path):
    """Also those for which no head is quiet and no norm's weight is one."""
    torch.manual_seed(0)
    folder = WEIGHTS / kind
    model = KINDS[kind][0].from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    assert difference(model, answered(kind, tmp_path, texts(kind, 12), chrome=where)) < 1e-5


PRODUCTS = """
import { linear, matrix } from "./model/matrix.js";
import { readFileSync } from "node:fs";
const made = (rows) => matrix(rows.length, rows[0].length, Float32Array.from(rows.flat()));
const answers = JSON.parse(readFileSync(0, "utf8")).map(([x, weight, bias]) =>
  [...linear(made(x), made(weight), made([bias])).data].map(String));
console.log(JSON.stringify(answers));
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("x.data[at] === 0", "x.data[at] <= 0"),
        ("if (at < x.data.length) filled", "if (at < x.columns) filled"),
        ("[i * size + filled[n]]", "[filled[n]]"),
        ("[w + 7 * size]", "[w + 6 * size]"),
        ("i % y.columns", "i % 8"),
        ("weight.rows - outputs)", "weight.rows)"),
    ],
)
def test_a_product_of_any_size_is_torch_s(tmp_path, right, wrong):
    """Also of one row to three, where tiles do not fit, and where columns are 0."""
    generator = torch.Generator().manual_seed(0)
    given, expected = [], []
    for rows in range(1, 10):
        for outputs in range(8, 14):
            x, weight, bias = (
                torch.randn(size, generator=generator)
                for size in ((rows, 5), (outputs, 5), (outputs,))
            )
            x[torch.rand(x.shape, generator=generator) < 0.5] = 0
            x[:, 2] = 0
            given.append([x.tolist(), weight.tolist(), bias.tolist()])
            expected.append(torch.nn.functional.linear(x, weight, bias).flatten())
    source = sources()["model/matrix.js"]
    assert right in source
    modules = {"model/matrix.js": source.replace(right, wrong)}
    answers = in_node(PRODUCTS, given, modules, tmp_path)
    off = [
        not torch.allclose(torch.tensor([float(number) for number in got]), one, atol=1e-5)
        for got, one in zip(answers, expected, strict=True)
    ]
    assert any(off) == bool(right)


WRONG = [
    ("encoder", "model/attend.js", "1 / Math.sqrt(size)", "1 / size"),
    ("encoder", "model/matrix.js", "-1.453152027", "-1.459152027"),
    (
        "encoder",
        "model/encoder.js",
        "add(x, apply(linear, inner",
        "add(read.mixed, apply(linear, inner",
    ),
    ("encoder", "model/matrix.js", "c2 += c * r", "c2 += c * q"),
    ("decoder", "model/matrix.js", "i < x.rows; i += rows", "i + rows <= x.rows; i += rows"),
    ("decoder", "model/matrix.js", "[w + 7 * size]", "[w + 6 * size]"),
    ("decoder", "model/decoder.js", "j <= past + i", "j < past + i || j === 0"),
    ("decoder", "model/decoder.js", "past + i);", "i);"),
    ("decoder", "model/matrix.js", "0.044715", "0.0447"),
    ("translator", "model/translator.js", "if (distance > 0)", "if (distance < 0)"),
    ("translator", "model/translator.js", "bias(past), visible", "bias(0), visible"),
    ("translator", "model/translator.js", "** -0.5", "** -0.25"),
]


@pytest.mark.parametrize(("kind", "module", "right", "wrong"), WRONG)
def test_a_wrong_formula_is_noticed(answered, kind, module, right, wrong):
    source = sources()[module]
    assert right in source
    folder = WEIGHTS / kind
    answers = answered(kind, folder, texts(kind, 12), {module: source.replace(right, wrong)})
    model = KINDS[kind][0].from_pretrained(folder, attn_implementation="eager").eval()
    assert not difference(model, answers) < 1e-5  # nor is NaN


def test_a_wrong_formula_is_noticed_in_chromium(answered, chrome):
    kind, module, right, wrong = WRONG[0]
    changed = {module: sources()[module].replace(right, wrong)}
    answers = answered(kind, WEIGHTS / kind, texts(kind, 4), changed, chrome)
    model = KINDS[kind][0].from_pretrained(WEIGHTS / kind, attn_implementation="eager").eval()
    assert not difference(model, answers) < 1e-5


ODD = [
    "",
    "   ",
    "The animal didn't cross, because it can't.",
    "THE DOG’S COAT IS Tom's!",
    "Le garçon achète l'œuf aujourd'hui; l’été…",
    "naïve e\u0301te\u0301 ½ x² 42 snake_case",
    "🙂 the <b>dog</b> & مرحبا עברית 漢字",
    "[MASK] [mask] the[MASK]dog </s> <|endoftext|>",
    "a\tb\nc\u00a0d\u2028e",
]


@pytest.mark.parametrize("kind", KINDS)
def test_odd_texts_are_cut_as_in_python(kind, tmp_path):
    script = (
        READ + "console.log(JSON.stringify(given.texts.map((text) => tokenizer.encode(text))));"
    )
    folder = WEIGHTS / kind
    answers = in_node(script, {"folder": str(folder), "texts": ODD}, sources(), tmp_path)
    expected = AutoTokenizer.from_pretrained(folder)(ODD).input_ids
    assert [answer["ids"] for answer in answers] == expected
