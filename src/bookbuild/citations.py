"""Formats each source once, and finds the style of citations once.

The extension that formats sources does it twice for each, at each build in which any page was
read, and looks at each of a thousand citations through all that is installed.
"""

import functools
from collections.abc import Callable

from pybtex import plugin
from pybtex.database import Entry
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_formatted: dict[tuple[str, str], FormattedEntry] = {}


def recall(_app: Sphinx, env: BuildEnvironment) -> None:
    """Take up what the last build formatted, of whatever has not changed."""
    _formatted.clear()
    for one in env.get_domain("cite").citations:  # type: ignore[attr-defined]  # its own
        _formatted[one.formatted_entry.label, repr(one.entry)] = one.formatted_entry


def once(format_entry: Callable[..., FormattedEntry]) -> Callable[..., FormattedEntry]:
    """Return a style's method that formats an entry with the same label only once."""

    @functools.wraps(format_entry)
    def formatted(style: BaseStyle, label: str, entry: Entry, bib_data=None) -> FormattedEntry:
        key = (label, repr(entry))
        if key not in _formatted:
            _formatted[key] = format_entry(style, label, entry, bib_data)
        return _formatted[key]

    return formatted


def setup(app: Sphinx) -> None:
    if not hasattr(BaseStyle.format_entry, "__wrapped__"):  # another build in this process
        BaseStyle.format_entry = once(BaseStyle.format_entry)
        plugin._load_entry_point = functools.cache(plugin._load_entry_point)
    app.connect("env-updated", recall, priority=400)  # before the extension forgets it
