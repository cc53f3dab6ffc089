"""One message instead of many: what to do when a cell needs a name that no cell has made.

A cell that fails leaves the names undefined that it was to make, and each later cell that needs
them fails with a `NameError` that tells nothing of the cause.
"""

import ast
import sys
from collections.abc import Sequence


def missing_name(name: str, sources: Sequence[str]) -> str:
    """Say which cell makes a name, so that a learner goes back to the one that failed.

    Args:
        name: What is not there.
        sources: The cells that were run, the oldest first.

    >>> print(missing_name("encoder", ["encoder = load('encodr')", "print(encoder)"]))
    'encoder' is not there, because the cell that makes it has failed: 'encoder = load('encodr')'. \
Its message says what to change. Run that cell again, then go on from here.
    """
    makers = [source for source in sources if name in _made(source)]
    if makers:
        line = makers[-1].strip().splitlines()[0]
        why = (
            f"because the cell that makes it has failed: '{line}'. Its message says what to change"
        )
    else:
        why = "because no cell that makes it was run yet: begin with the first cell of this page"
    return f"'{name}' is not there, {why}. Run that cell again, then go on from here."


def _made(source: str) -> set[str]:
    """Return the names that a cell assigns or imports; of one with a slip in it, by its lines."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        left = (line.split("=")[0] for line in source.splitlines() if "=" in line)
        return {name.strip() for part in left for name in part.split(",")}
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    return names | {alias.asname or alias.name for n in imports for alias in n.names}


def guide() -> None:
    """In a notebook: let each missing name be told by :func:`missing_name`, in one sentence."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    if shell := get_ipython():
        shell.set_custom_exc((NameError,), _tell)


def _tell(shell, kind, error, traceback, tb_offset=None) -> list[str]:
    if not getattr(error, "name", None) or traceback.tb_next.tb_next:  # inside of a function
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
        return []
    told = missing_name(error.name, shell.history_manager.input_hist_raw[:-1])
    print(told, file=sys.stderr)
    return [told]
