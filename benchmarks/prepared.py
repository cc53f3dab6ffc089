"""What measurements in a browser need: the built site, and a Chromium."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from support import browser  # noqa: E402

SITE = ROOT / "_build" / "html"


def chromium_for(page: str) -> str | None:
    """Return the path of a Chromium, or None (having said why) where there is none, or no page."""
    if not (SITE / page).is_file():
        print(f"there is no built site in {SITE}: run `make book` first", file=sys.stderr)
        return None
    chromium = browser.find_chromium()
    if chromium is None:
        print(f"NOT MEASURED: {browser.NO_CHROMIUM}", file=sys.stderr)
    return chromium
