"""The book's own models, the grammar that made their corpus, and the loader."""

from lessons.models.cloze import Blank, tense_blanks, with_blanks
from lessons.models.encoding import encode
from lessons.models.intervals import Proportion, wilson_interval
from lessons.models.links import link_hits, link_mass, shifted
from lessons.models.loading import Loaded, load

__all__ = [
    "Blank",
    "Loaded",
    "Proportion",
    "encode",
    "link_hits",
    "link_mass",
    "load",
    "shifted",
    "tense_blanks",
    "wilson_interval",
    "with_blanks",
]
