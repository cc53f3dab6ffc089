"""What a page tells the others: titles, numbers, and what a link can lead to."""

import dataclasses
import hashlib
from collections.abc import Mapping, Set
from pathlib import PurePath
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment

OF_ALL_PAGES: tuple[str, ...] = ("titles", "longtitles", "tocs", "toctree_includes")
OF_ALL_PAGES += ("toc_secnumbers", "toc_fignumbers")
# What domains know, and no other page shows; the index has a page that each build writes.
OWN = {("index", "entries"), ("math", "has_equations")}
SLUGS = "myst_slugs"  # names of headings, to which a link of another page may lead


def told_to_others(env: BuildEnvironment) -> str:
    """Return a digest of all that a page may show of another."""
    shared = {name: getattr(env, name) for name in OF_ALL_PAGES}
    shared[SLUGS] = {page: data.get(SLUGS) for page, data in env.metadata.items()}
    domains = {
        domain: {name: _bag(value) for name, value in data.items() if (domain, name) not in OWN}
        for domain, data in env.domaindata.items()
    }
    shared["questions"] = getattr(env, "bookbuild_questions", {})  # for the page of progress
    return fingerprint([shared, domains])


def fingerprint(value: Any) -> str:
    """Return a digest that is the same for equal values, in any process and any order.

    >>> fingerprint({"a": {1, 2}, "b": None}) == fingerprint({"b": None, "a": {2, 1}})
    True
    >>> fingerprint(["a", "b"]) == fingerprint(["b", "a"])
    False
    """
    return hashlib.sha256(repr(_plain(value)).encode()).hexdigest()[:32]


def _bag(value: Any) -> Any:
    """Return what a domain knows of all pages without the order in which they were read."""
    return sorted(repr(_plain(one)) for one in value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return a value without what differs between equal ones: order, identity, place in memory."""
    if value is None or isinstance(value, str | int | float | bool | PurePath):
        return value
    if isinstance(value, nodes.Node):
        return value.pformat()
    if isinstance(value, Mapping):
        return sorted((repr(_plain(key)), _plain(one)) for key, one in value.items())
    if isinstance(value, Set):
        return sorted(repr(_plain(one)) for one in value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value):
        return [type(value).__name__, _plain(vars(value))]
    if hasattr(value, "__dict__"):
        return [type(value).__name__, _plain(vars(value))]
    return repr(value)
