"""How fast the book's models answer in a browser: the first time, and at each edit.

The browser runs once as it is, and once with the page's thread slowed four times (the model runs
in another, which browsers do not slow). Beside them stands what PyTorch needs for the same
sentences. The exit status is 1 if an answer takes longer than its limit.
"""

import statistics
import sys
import time

import torch
from prepared import SITE, chromium_for  # it lets `support` be imported

from lessons import models  # isort: skip
from support import browser, visit  # isort: skip

PAGE = "book/interpretation/what-heads-do.html"
FIGURE = "[data-figure*='\"reads\"']"
FIRST_MS, EDIT_MS, SLOWED_MS = 300, 16, 50
# Fourteen words; with the two marks around them the encoder reads sixteen tokens.
TEXT = "the trophy does not fit in the suitcase because it is too {} ."
WORDS = ("small", "big", "wide", "long", "large", "narrow")
MEASURE = """
async ([selector, texts]) => {
  const figure = document.querySelector(selector);
  const [field, drawing] = [figure.querySelector("textarea"), figure.querySelector("svg")];
  const times = [];
  for (const text of texts) {
    times.push(await new Promise((done) => {
      const start = performance.now();
      const observer = new MutationObserver(() => {
        observer.disconnect();
        done(performance.now() - start);
      });
      observer.observe(drawing, { attributes: true, attributeFilter: ["aria-label"] });
      field.value = text;
      field.dispatchEvent(new Event("input"));
    }));
  }
  return times;
}
"""


def in_browser(chrome, origin: str, slowed: int) -> list[float]:
    """Return the milliseconds until the map of each edit stands there, the first one first."""
    context = visit.open_view(chrome, "light")
    page = context.new_page()
    page.goto(f"{origin}/{PAGE}", wait_until="networkidle")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    texts = [TEXT.format(WORDS[i % len(WORDS)]) for i in range(61)]
    times = page.evaluate(MEASURE, [FIGURE, texts])
    context.close()
    return times


@torch.inference_mode()
def in_pytorch() -> float:
    """Return the median milliseconds of a pass over one sentence, in one thread."""
    torch.set_num_threads(1)
    encoder = models.load("encoder", source="book")
    times = []
    for i in range(61):
        batch = encoder.tokenizer(TEXT.format(WORDS[i % len(WORDS)]), return_tensors="pt")
        start = time.perf_counter()
        encoder.model(**batch, output_attentions=True)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> int:
    chromium = chromium_for(PAGE)
    if chromium is None:
        return 2
    over = []
    print(f"{'encoder, 16 tokens':<34} {'ms':>7} {'limit':>6}")
    with visit.serve(SITE) as origin, browser.chromium(chromium) as chrome:
        for name, slowed, limit in (("as it is", 1, EDIT_MS), ("slowed 4 times", 4, SLOWED_MS)):
            first, *edits = in_browser(chrome, origin, slowed)
            rows = [(f"browser {name}, an edit", statistics.median(edits), limit)]
            if slowed == 1:
                rows.insert(0, ("browser, the first answer", first, FIRST_MS))
            for told, took, most in rows:
                print(f"{told:<34} {took:>7.1f} {most:>6}{'  <- over' if took > most else ''}")
                over += [told] if took > most else []
    print(f"{'PyTorch, one thread':<34} {in_pytorch():>7.1f}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
