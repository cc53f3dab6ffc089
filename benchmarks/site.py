"""What a page costs who comes first and reads to its end: requests, and KB as a host gzips them.

Then Lighthouse's four scores for the front page and for each chapter, which takes a quarter of an
hour. It is installed by npm into `_build/tools`, which needs the network once; where that fails,
this says so, and measures the rest.
The exit status is 1 if a page is over a limit.
"""

import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import tools
from prepared import SITE, chromium_for  # it lets `support` be imported

from support import browser, checks, visit  # isort: skip

LIGHTHOUSE = "lighthouse@12.8.2"

KB_OF_TEXT, KB_WITH_FIGURES, REQUESTS = 150, 300, 28
KB_OF_SEARCH = 350  # its page alone loads the index of all words at once
SCORES = {"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 100}
TEXT = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt", ".xml")
# The register of claims shows what more than a hundred runs printed, as a page with figures does. A
# button's sign is no figure.
FIGURE = "main :is(img, .lesson-figure svg, svg[role=img]:not(.copybtn svg), .claim-entry)"


@cache
def sent(path: Path) -> bytes:
    """Return a file as a host sends it: text gzipped, fonts and images as they are."""
    data = path.read_bytes()
    return min(gzip.compress(data, 6), data, key=len) if path.suffix in TEXT else data


class GzipHandler(visit.Handler):
    """Serves the folder as a host that gzips does."""

    def do_GET(self):  # noqa: N802
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = sent(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        if path.suffix in TEXT and body[:2] == b"\x1f\x8b":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


def weigh(chrome, origin: str, path: str) -> tuple[float, int, int, bool]:
    """Return KB, requests, those among them to other hosts, and whether the page has figures."""
    context = visit.open_view(chrome, "light")  # a new one: nothing is cached
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/{path}", wait_until="load")
    visit.come_to_all(page)  # what they ask for counts, too
    page.wait_for_load_state("networkidle")
    has_figures = page.locator(FIGURE).count() > 0
    context.close()
    asked = [url for url in asked if url.startswith("http")]
    files = [SITE / unquote(urlsplit(url).path)[1:] for url in asked if url.startswith(origin)]
    size = sum(len(sent(file)) for file in files if file.is_file())
    return size / 1024, len(asked), len(asked) - len(files), has_figures


def weigh_all(chrome, origin: str) -> list[str]:
    """Print the table of all pages, and return what is over a limit."""
    over = []
    print(f"{'page':<58} {'KB gzip':>8} {'limit':>6} {'requests':>9} {'limit':>6}")
    for path in checks.page_paths(SITE):
        size, requests, foreign, has_figures = weigh(chrome, origin, path)
        limit = KB_WITH_FIGURES if has_figures else KB_OF_TEXT
        limit = KB_OF_SEARCH if path == "search.html" else limit
        wrong = [
            text
            for text, is_wrong in (
                (f"{size:.0f} KB gzip, more than {limit}", size > limit),
                (f"{requests} requests, more than {REQUESTS}", requests > REQUESTS),
                (f"{foreign} requests to other hosts", foreign > 0),
            )
            if is_wrong
        ]
        over += [f"{path}: {text}" for text in wrong]
        mark = "  <- over" if wrong else ""
        print(f"{path:<58} {size:>8.1f} {limit:>6} {requests:>9} {REQUESTS:>6}{mark}")
    return over


def install_lighthouse() -> Path | None:
    """Return Lighthouse's command line, or None (having said why) where it cannot be installed."""
    folder = tools.from_npm(LIGHTHOUSE)
    return folder and folder / "cli" / "index.js"


def scores(command: Path, chromium: str, address: str) -> dict[str, float]:
    """Run Lighthouse once on a page, as a phone on a slow network."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        ran = subprocess.run(
            [
                *(tools.NODE / "bin" / "node", command, address, "--quiet"),
                *("--output=json", f"--output-path={report}"),
                f"--only-categories={','.join(SCORES)}",
                f"--chrome-flags=--headless {' '.join(_quoted(f) for f in browser.FLAGS)} "
                f"--user-data-dir={folder}/profile",
            ],
            capture_output=True,
            text=True,
            timeout=240,
            env=tools.environment() | {"CHROME_PATH": chromium},
        )
        if not report.is_file():
            raise RuntimeError(f"Lighthouse gave no report: {ran.stderr.strip()[-400:]}")
        found = json.loads(report.read_text("utf-8"))
    if problem := found.get("runtimeError"):
        raise RuntimeError(f"Lighthouse: {problem.get('message')}")
    for audit in found["audits"].values():
        if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary":
            print(f"    failed audit: {audit['id']} ({audit['title']})")
    return {name: round(100 * (found["categories"][name]["score"] or 0)) for name in SCORES}


def score_all(command: Path, chromium: str, origin: str) -> list[str]:
    """Print the scores of the front page and of each chapter, and return those below a limit."""
    below = []
    scored = [
        "index.html",
        *sorted(str(page.relative_to(SITE)) for page in SITE.glob("book/*/*.html")),
    ]
    print(f"\n{'Lighthouse':<58} " + " ".join(f"{name:>14}" for name in SCORES))
    for path in scored:
        runs = [scores(command, chromium, f"{origin}/{path}")]
        if runs[0]["performance"] < SCORES["performance"]:  # it is noisy: the median of three
            runs += [scores(command, chromium, f"{origin}/{path}") for _ in range(2)]
        medians = {name: statistics.median(run[name] for run in runs) for name in SCORES}
        below += [
            f"{path}: Lighthouse {name} {medians[name]}, less than {limit}"
            for name, limit in SCORES.items()
            if medians[name] < limit
        ]
        print(f"{path:<58} " + " ".join(f"{medians[name]:>14}" for name in SCORES), flush=True)
    print(f"{'limit':<58} " + " ".join(f"{limit:>14}" for limit in SCORES.values()))
    return below


def _quoted(flag: str) -> str:
    return f'"{flag}"' if " " in flag else flag


def main() -> int:
    chromium = chromium_for("index.html")
    if chromium is None:
        return 2
    with visit.serve(SITE, GzipHandler) as origin:
        with browser.chromium(chromium) as chrome:
            over = weigh_all(chrome, origin)
        command = install_lighthouse()
        if command is not None:
            over += score_all(command, chromium, origin)
    print(
        "\n" + ("\n".join(["OVER THE LIMIT", *over]) if over else "Everything is within its limit.")
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
