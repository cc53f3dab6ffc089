"""Shows signatures of classes made of fields as one would write them, so that their types link.

Sphinx leaves a signature that it cannot read as it came from Python, with the whole path of each
type; and it cannot read defaults that a function makes, nor the conditions of a field.
"""

import re

from sphinx.application import Sphinx

# What Python prints, and what one would write instead.
READABLE = [
    (re.compile(r"<factory>"), "..."),
    (re.compile(r"<function (\w+)>"), r"\1"),
    (re.compile(r"~?(?:types|typing)\.Annotated\[([^\[\],]+), ~?annotated_types\.[^\]]*\]"), r"\1"),
]


def readable(signature: str) -> str:
    """Return a signature that Sphinx can read."""
    for found, instead in READABLE:
        signature = found.sub(instead, signature)
    return signature


def _process(_app: Sphinx, _what, _name, _object, _options, signature, returned):
    return (readable(signature), returned) if signature else None


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-signature", _process)
