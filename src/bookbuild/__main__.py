"""The command that builds the book, and the one that shows it while it is written.

    python -m bookbuild          build the site into _build/html; do nothing if nothing has changed
    python -m bookbuild serve    show it on 127.0.0.1, build again at each change, reload the page

What it builds is what `jupyter-book build . -n -W --keep-going` builds, in less time.
"""

import argparse
import sys
from pathlib import Path

from bookbuild import state


def main() -> int:
    parser = argparse.ArgumentParser(prog="bookbuild", description="Build the book in this folder.")
    parser.add_argument("command", nargs="?", choices=["build", "serve"], default="build")
    parser.add_argument("--port", type=int, default=8000, help="where to serve (8000)")
    options = parser.parse_args()
    root = Path.cwd()
    for name in ("_config.yml", "_toc.yml", "constraints.txt"):
        if not (root / name).is_file():
            print(f"bookbuild: there is no {name} here: run this in the book's folder")
            return 2
    try:
        if options.command == "serve":
            from bookbuild.serve import serve

            return serve(root, options.port)
        return build(root)
    except KeyboardInterrupt:
        print("\nbookbuild: stopped; the next build takes up what is done")
        return 130


def build(root: Path, *, quiet: bool = False) -> int:
    """Build the book, unless the site is what a build would make; return the exit status."""
    site = root / "_build" / "html"
    state.hold(site.parent, print)
    if state.is_current(root, site):
        if not quiet:
            print(f"nothing has changed: {site / 'index.html'} is as it was built")
        return 0
    from bookbuild.build import build_pages

    return build_pages(root, site, quiet=quiet)


if __name__ == "__main__":
    sys.exit(main())
