"""What passes within the browser's models is what passes the package's probes, by name."""

from pathlib import Path

import pytest
import torch

import bookbuild
from lessons import blocks
from lessons.families import from_transformers
from lessons.models import load
from lessons.models.grammar.draws import draw_sentences, draw_translations
from lessons.models.loading.loader import WEIGHTS
from support.node import in_node

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
NAMES = ("attention.js", *(f"model/{path.name}" for path in (LIVE / "model").glob("*.js")))
SCRIPT = """
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { turned } from "./model/decoder.js";
import { readModel } from "./model/files.js";
import { passed } from "./model/passed.js";
import { Tokenizer } from "./model/tokenizer.js";
const { kind, folder, texts } = JSON.parse(readFileSync(0, "utf8"));
const files = await readModel(async (name) => new Response(await readFile(`${folder}/${name}`)));
const model = kind === "decoder" ? turned(files) : files;
const tokenizer = new Tokenizer(files.tokenizer);
const plain = (x) => (Array.isArray(x) ? x : { ...x, data: Array.from(x.data) });
const answers = texts.map((text) => {
  const { seen, ...rest } = passed(tokenizer.encode(text).ids, model, tokenizer, kind);
  return { ...rest, seen: Object.entries(seen).map(([name, x]) => [name, plain(x)]) };
});
console.log(JSON.stringify(answers));
"""
KINDS = ("encoder", "decoder", "translator")


def sources() -> dict[str, str]:
    return {name: (LIVE / name).read_text("utf-8") for name in NAMES}


def texts(kind: str) -> list[str]:
    if kind == "translator":
        return [pair.source.text for pair in draw_translations(4, seed=4)]
    return [sentence.text for sentence in draw_sentences("winograd", "test", 4, seed=4)]


def answers(kind: str, given: list[str], modules: dict[str, str], folder: Path) -> list[dict]:
    question = {"kind": kind, "folder": str(WEIGHTS / kind), "texts": given}
    return in_node(SCRIPT, question, modules, folder)


def as_probed(value) -> torch.Tensor:
    """Return what passed as a probe has it: heads first, if it is cut into heads."""
    if isinstance(value, list):
        return torch.tensor(value)
    table = torch.tensor(value["data"]).reshape(value["rows"], value["columns"])
    if "heads" not in value:
        return table
    return table.unflatten(-1, (value["heads"], -1)).transpose(0, 1)


@torch.inference_mode()
def difference(kind: str, given: list[dict]) -> float:
    """Return the largest difference, relative to the largest number of what passes there."""
    model = from_transformers(load(kind, source="book").model)
    worst = 0.0
    for answer in given:
        rows = [answer["ids"], *([answer["target"]] if answer["target"] else [])]
        with blocks.record(model) as seen:
            seen["logits"] = model(*(torch.tensor([row]) for row in rows))
        got = {name: as_probed(value) for name, value in answer["seen"]}
        assert set(got) == set(seen)
        for name, expected in seen.items():
            assert got[name].shape == expected[0].shape, name
            apart = (got[name] - expected[0]).abs().max() / max(1, expected.abs().max())
            worst = max(worst, float(apart))
    return worst


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_passes_is_what_passes_in_pytorch(kind, tmp_path):
    given = answers(kind, texts(kind), sources(), tmp_path)
    assert difference(kind, given) < 1e-5


def test_the_translator_reads_again_what_it_wrote(tmp_path):
    translator = load("translator", source="book")
    given = texts("translator")
    for text, answer in zip(given, answers("translator", given, sources(), tmp_path), strict=True):
        batch = translator.tokenizer(text, return_tensors="pt")
        out = translator.model.generate(**batch, max_new_tokens=24, do_sample=False, num_beams=1)
        assert answer["target"] == out[0][:-1].tolist()  # the end is written, and never read
        assert answer["written"] == translator.tokenizer.convert_ids_to_tokens(answer["target"])
        assert answer["told"] == f"It writes: {' '.join(answer['written'][1:])}"


ATTENDED = "note(`layers.${layer}.attended`, "
CROSSED = "note(`decoder.${layer}.crossed`, "
WRONG = [
    ("encoder", "model/encoder.js", f"{ATTENDED}x)", f"{ATTENDED}read.mixed)"),
    ("decoder", "model/attend.js", 'note("scores", raw)', 'note("scores", weights)'),
    ("decoder", "model/attend.js", "value: values, mixed", "value: keys, mixed"),
    ("decoder", "model/decoder.js", "hidden`, inner)", "hidden`, map(inner, geluNew))"),
    ("translator", "model/translator.js", 'note("memory", states)', 'note("memory", x)'),
    ("translator", "model/translator.js", f"{CROSSED}x)", f"{CROSSED}asked.change)"),
]


@pytest.mark.parametrize(("kind", "module", "right", "wrong"), WRONG)
def test_another_thing_under_that_name_is_noticed(kind, module, right, wrong, tmp_path):
    source = sources()[module]
    assert right in source
    modules = {**sources(), module: source.replace(right, wrong)}
    assert not difference(kind, answers(kind, texts(kind)[:1], modules, tmp_path)) < 1e-5
