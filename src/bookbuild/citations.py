"""Lets citations find their style once, not at each of a thousand links.

The package that formats sources looks each time through all that is installed.
"""

import functools

from pybtex import plugin
from sphinx.application import Sphinx


def setup(_app: Sphinx) -> None:
    if not hasattr(plugin._load_entry_point, "cache_info"):  # another build in this process
        plugin._load_entry_point = functools.cache(plugin._load_entry_point)
