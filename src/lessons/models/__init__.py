"""The book's own models, the grammar that made their corpus, and the loader."""

from lessons.models.encoding import encode
from lessons.models.intervals import Proportion, wilson_interval
from lessons.models.links import link_hits, link_mass, shifted
from lessons.models.loading import Loaded, load
from lessons.models.tasks import (
    agreement_choices,
    agreement_sentences,
    choices_right,
    running_text,
    sorting_rows,
    windows,
    word_ids,
)

__all__ = [
    "Loaded",
    "Proportion",
    "agreement_choices",
    "agreement_sentences",
    "choices_right",
    "encode",
    "link_hits",
    "link_mass",
    "load",
    "running_text",
    "shifted",
    "sorting_rows",
    "wilson_interval",
    "windows",
    "word_ids",
]
