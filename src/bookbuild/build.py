"""Build the book's pages as `jupyter-book build . -n -W --keep-going` does, on all cores."""

import os
from pathlib import Path

from jupyter_book.sphinx import build_sphinx


def build_pages(root: Path, site: Path, *, quiet: bool) -> int:
    """Build the site, if quiet with complaints alone; return the exit status."""
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
