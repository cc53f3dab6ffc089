"""How soon the search answers on a chapter's page: its index, the first result, and each letter.

Eight words are typed letter by letter into a page that has never searched, as it is and slowed four
times. The index is fetched when a reader goes to the field; the first result is asked for once it
is there, and, as the worst case, at the same moment.
The exit status is 1 if a first result, not slowed, takes longer than its limit.
"""

import gzip
import statistics
import sys

from prepared import SITE, chromium_for  # it lets `support` be imported

from support import browser, visit  # isort: skip

FIRST_MS = 100
PAGE = "book/attention/multi-head.html"
WORDS = ("RoPE", "LayerNorm", "KV cache", "softmax", "MHA", "beam search", "LoRA", "GRU")
INDEX = ("searchindex.js", "_static/searchtools.js", "_static/language_data.js")
# Returns the milliseconds until the index is there (none, if nobody waits) and of each letter.
TYPED = """
async ([words, waits]) => {
  const field = document.querySelector("form.bd-search input[name=q]");
  const list = field.form.parentElement.querySelector(".found-said");
  const start = performance.now();
  field.dispatchEvent(new Event("focus"));
  const there = () => typeof Search !== "undefined" && Search.hasIndex();
  while (waits && !there()) await new Promise((done) => setTimeout(done, 1));
  const fetched = performance.now() - start;
  const times = [];
  for (const word of words) {
    for (let end = 2; end <= word.length; end++) {
      times.push(await new Promise((done) => {
        const start = performance.now();
        const seen = new MutationObserver(() => {
          seen.disconnect();
          done(performance.now() - start);
        });
        seen.observe(list, { childList: true });
        field.value = word.slice(0, end);
        field.dispatchEvent(new Event("input"));
      }));
    }
  }
  return [fetched, times];
}
"""


def searched(chrome, origin: str, waits: bool, slowed: int) -> tuple[float, list[float]]:
    """Return milliseconds until the index is there, and of each letter, the first one first."""
    context = visit.open_view(chrome, "light")
    page = context.new_page()
    page.goto(f"{origin}/{PAGE}", wait_until="networkidle")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    fetched, times = page.evaluate(TYPED, [WORDS, waits])
    context.close()
    return fetched, times


def main() -> int:
    chromium = chromium_for(PAGE)
    if chromium is None:
        return 2
    size = sum(len(gzip.compress((SITE / name).read_bytes(), 6)) for name in INDEX) / 1024
    print(f"{'the index and what reads it, KB gzip':<58} {size:>7.1f}")
    over = False
    print(f"{'milliseconds':<58} {'median':>7} {'most':>7} {'limit':>6}")
    with visit.serve(SITE) as origin, browser.chromium(chromium) as chrome:
        for how, slowed in (("", 1), (", slowed 4 times", 4)):
            runs = [searched(chrome, origin, True, slowed) for _ in range(5)]
            at_once = [searched(chrome, origin, False, slowed)[1][0] for _ in range(5)]
            letters = [time for _, times in runs for time in times[1:]]
            limit = FIRST_MS if slowed == 1 else None
            for what, took, most in (
                ("the index is there", [fetched for fetched, _ in runs], None),
                ("the first result, with the index there", [times[0] for _, times in runs], limit),
                ("the first result, asked for with the index", at_once, limit),
                ("a letter", letters, None),
            ):
                median = statistics.median(took)
                is_over = most is not None and median > most
                over |= is_over
                mark = "  <- over" if is_over else ""
                print(f"{what + how:<58} {median:>7.1f} {max(took):>7.1f} {most or '':>6}{mark}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
