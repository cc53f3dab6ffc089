"""Build the book's pages as `jupyter-book build . -n -W --keep-going` does, on all cores."""

import gc
import os
import sys
import warnings
from pathlib import Path

# Grammars of addresses and of spans of time, of which nothing here makes use, and which take a
# second and a quarter of one to load.
for grammar in ("rfc3987_syntax", "isoduration"):
    sys.modules.setdefault(grammar, None)  # type: ignore[arg-type]  # None: not to be imported

from jupyter_book.sphinx import build_sphinx  # noqa: E402

# An extension looks at each object that there is, also at those of torch that are deprecated.
warnings.filterwarnings("ignore", "`torch.distributed.reduce_op`", FutureWarning)


def build_pages(root: Path, site: Path, *, quiet: bool) -> int:
    """Build the site, if quiet with complaints alone; return the exit status."""
    # Most of what a build makes it keeps to its end; to look for garbage in it as often as Python
    # does by itself takes a sixth of the time.
    gc.set_threshold(100_000, 20, 20)
    result = build_sphinx(
        root,
        site,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={
            "external_toc_path": str(root / "_toc.yml"),
            "latex_individualpages": False,
            "nitpicky": True,
        },
        warningiserror=True,
        keep_going=True,
        jobs=os.cpu_count(),
        quiet=quiet,
    )
    if isinstance(result, int):
        return result
    return 130 if isinstance(result, KeyboardInterrupt) else 2
