"""How fast models answer in a browser: the first time, at each edit, and at each word.

The browser runs once as it is, and once with the page's thread slowed four times (the model runs
in another, which browsers do not slow). Beside the book's models and MiniLM stands what PyTorch
needs for the same sentences, the longest task on the page's thread, and what the scripts weigh;
and the encoders by onnxruntime-web (`onnx_web`), where it can be installed.
The exit status is 1 if something is over its limit.
"""

import gzip
import statistics
import sys
import time
from typing import NamedTuple

import onnx_web
import torch
from prepared import SITE, chromium_for  # it lets `support` be imported

from lessons import models  # isort: skip
from support import browser, visit  # isort: skip

MINILM_MS = 150
FIRST_MS, EDIT_MS, SLOWED_MS, STEP_MS, TASK_MS, SCRIPTS_KB = 300, 16, 50, 4, 50, 60
PAGE = "book/interpretation/what-heads-do.html"
LAB = "book/lab/attention-under-the-hood.html"


class Asked(NamedTuple):
    """A figure that reads: its page, what tells that it has read, and a sentence with a gap."""

    page: str
    figure: str
    tells: str
    text: str
    words: tuple[str, ...]
    state: str = ""
    edit_ms: float = EDIT_MS
    slowed_ms: float = SLOWED_MS
    loads: str = ""  # the button that loads its model


ADJECTIVES = ("small", "big", "wide", "long", "large", "narrow")
# Fourteen words; with the two marks around them the encoder reads sixteen tokens.
SENTENCE = "the trophy does not fit in the suitcase because it is too {} ."
MAP, STEP = "svg[role=img]", ".flow-story .live-told"
# The word that is exchanged; the first one must differ from what stands there at first.
GAP = "svg:has(.live-hit) .live-name:nth-child(15 of .live-name)"
READS = "[data-figure*='\"reads\"']"
FIGURES = {
    "encoder, 16 tokens": Asked(PAGE, READS, MAP, SENTENCE, ADJECTIVES),
    "decoder, 15 tokens": Asked(
        "book/generation/decoding.html", READS, MAP, SENTENCE.replace("too", "so too"), ADJECTIVES
    ),
    "translator, 14 to 14 words": Asked(
        "book/families/encoder-decoders.html", READS, MAP, SENTENCE, ADJECTIVES
    ),
    "flow of the encoder, weights": Asked(
        "book/families/overview.html", "[data-live=flow]", STEP, SENTENCE, ADJECTIVES,
        "?figure=fig-family-flow&step=7&token=12",
    ),
    "lines of a layer of the encoder": Asked(
        LAB, "[data-live=layer-lines]", GAP, SENTENCE, ADJECTIVES[1:], "#fig-lab-head-view"
    ),
    "MiniLM in 8 bits, 16 tokens": Asked(
        "book/attention/multi-head.html", READS, MAP, SENTENCE, ADJECTIVES,
        edit_ms=MINILM_MS, slowed_ms=MINILM_MS, loads=".live-demand button",
    ),
    "lines of all heads of MiniLM": Asked(
        LAB, "[data-live=model-lines]", GAP, SENTENCE, ADJECTIVES, "#fig-lab-model-view",
        edit_ms=MINILM_MS, slowed_ms=MINILM_MS, loads=".live-demand button",
    ),
}  # fmt: skip
MEASURE = """
async ([selector, tells, texts]) => {
  const figure = document.querySelector(selector);
  const [field, drawing] = [figure.querySelector("textarea"), figure.querySelector(tells)];
  const [times, tasks] = [[], []];
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  watch.observe({ type: "longtask" }); // what takes longer than 50 ms
  for (const text of texts) {
    times.push(await new Promise((done) => {
      const start = performance.now();
      const observer = new MutationObserver(() => {
        observer.disconnect();
        done(performance.now() - start);
      });
      const what = { attributes: true, attributeFilter: ["aria-label"], childList: true };
      observer.observe(drawing, what);
      field.value = text;
      field.dispatchEvent(new Event("input"));
    }));
    await new Promise((done) => setTimeout(done));
  }
  return [times, Math.max(0, ...tasks.map((task) => task.duration))];
}
"""
CACHED = """
async () => {
  const site = document.querySelector("script[src*=_static]").src.split("_static")[0];
  const live = new URL("_static/live/model/", site);
  const modules = ["files.js", "decoder.js"].map((name) => import(new URL(name, live)));
  const [files, decoder] = await Promise.all(modules);
  const folder = new URL("../../models/decoder/", live);
  const model = decoder.turned(await files.readModel((name) => fetch(new URL(name, folder))));
  const times = [];
  for (let run = 0; run < 5; run++) {
    let cache = null;
    for (let step = 0; step < 24; step++) {
      const start = performance.now();
      cache = decoder.decode([5 + step], model, cache).cache;
      times.push(performance.now() - start);
    }
  }
  return times;
}
"""


def in_browser(chrome, origin: str, asked: Asked, slowed: int) -> tuple[list[float], float, float]:
    """Return milliseconds until each edit's answer, of the longest task, and KB of scripts."""
    context = visit.open_view(chrome, "light")
    page = context.new_page()
    scripts = set()
    context.on("request", lambda request: scripts.add(request.url.partition("?")[0]))
    page.goto(f"{origin}/{asked.page}{asked.state}", wait_until="networkidle")
    visit.come_to(page, asked.figure)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    if asked.loads:  # it is loaded with its file, before the first answer is waited for
        page.locator(f"{asked.figure} {asked.loads}").click()
        page.get_by_text("MiniLM is kept in this browser").wait_for()
    texts = [asked.text.format(asked.words[i % len(asked.words)]) for i in range(61)]
    times, task = page.evaluate(MEASURE, [asked.figure, asked.tells, texts])
    context.close()
    files = [SITE / url.removeprefix(f"{origin}/") for url in scripts if url.endswith(".js")]
    return times, task, sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) / 1024


def cached_step(chrome, origin: str, slowed: int) -> float:
    """Return the median milliseconds of a word of the decoder, with its cache."""
    context = visit.open_view(chrome, "light")
    page = context.new_page()
    page.goto(f"{origin}/{PAGE}", wait_until="networkidle")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    times = page.evaluate(CACHED)
    context.close()
    return statistics.median(times)


@torch.inference_mode()
def in_pytorch(source: str) -> float:
    """Return the median milliseconds of an encoder's pass over one sentence, in one thread."""
    torch.set_num_threads(1)
    encoder = models.load("encoder", source=source)
    times = []
    for i in range(61):
        batch = encoder.tokenizer(
            SENTENCE.format(ADJECTIVES[i % len(ADJECTIVES)]), return_tensors="pt"
        )
        start = time.perf_counter()
        encoder.model(**batch, output_attentions=True)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> int:
    chromium = chromium_for(PAGE)
    if chromium is None:
        return 2
    over = []

    def tell(what: str, took: float, limit: float | None) -> None:
        is_over = limit is not None and took > limit
        print(
            f"{what:<58} {took:>7.1f} {limit or '':>6}{'  <- over' if is_over else ''}", flush=True
        )
        over.extend([what] * is_over)

    print(f"{'milliseconds (of scripts, KB gzip)':<58} {'took':>7} {'limit':>6}")
    with visit.serve(SITE) as origin, browser.chromium(chromium) as chrome:
        for name, asked in FIGURES.items():
            for how, slowed, limit in (
                ("", 1, asked.edit_ms),
                (", slowed 4 times", 4, asked.slowed_ms),
            ):
                (first, *edits), task, scripts = in_browser(chrome, origin, asked, slowed)
                tell(f"{name}{how}: the first answer", first, FIRST_MS if slowed == 1 else None)
                tell(f"{name}{how}: an edit", statistics.median(edits), limit)
                tell(
                    f"{name}{how}: the longest task over 50 ms",
                    task,
                    TASK_MS if slowed == 1 else None,
                )
            tell(f"{name}: scripts of its page", scripts, SCRIPTS_KB)
        for how, slowed in (("", 1), (", slowed 4 times", 4)):
            took = cached_step(chrome, origin, slowed)
            tell(f"decoder{how}: a word with the cache", took, STEP_MS if slowed == 1 else None)
        onnx_web.tell(chrome, [SENTENCE.format(word) for word in ADJECTIVES])
    for source, name in (("book", "the encoder"), ("wheel", "MiniLM in 32 bits")):
        what = f"PyTorch, one thread: {name}, 16 tokens"
        print(f"{what:<58} {in_pytorch(source):>7.1f}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
