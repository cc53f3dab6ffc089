"""The book's letters for pictures: one weight of Literata at a time, as matplotlib reads fonts."""

import tempfile
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties

LETTERS = Path(__file__).parent / "static" / "type" / "literata-latin-wght-normal.woff2"


@cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory()  # is removed with this process


@cache
def letters(weight: int) -> FontProperties:
    """Return Literata in a weight between 200 and 900.

    >>> letters(600).get_name()
    'Literata'
    """
    file = Path(_folder().name) / f"{weight}.ttf"
    with TTFont(LETTERS, recalcTimestamp=False) as font:
        font.flavor = None
        instancer.instantiateVariableFont(font, {"wght": weight}).save(file)
    return FontProperties(fname=file)
