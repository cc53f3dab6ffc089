"""The book's own models, the grammar that made their corpus, and the loader."""

from lessons.models.agreement_text import (
    agreement_sentences,
    has_relative_clause,
    held_out_rows,
    one_noun_between,
    running_text,
    text_rows,
    word_ids,
)
from lessons.models.choices import agreement_choices, choices_right
from lessons.models.cloze import Blank, tense_blanks, with_blanks
from lessons.models.encoding import encode
from lessons.models.intervals import Proportion, wilson_interval
from lessons.models.links import link_hits, link_mass, shifted
from lessons.models.loading import Loaded, load
from lessons.models.sorting import sorting_rows

__all__ = [
    "Blank",
    "Loaded",
    "Proportion",
    "agreement_choices",
    "agreement_sentences",
    "choices_right",
    "encode",
    "has_relative_clause",
    "held_out_rows",
    "link_hits",
    "link_mass",
    "load",
    "one_noun_between",
    "running_text",
    "shifted",
    "sorting_rows",
    "tense_blanks",
    "text_rows",
    "wilson_interval",
    "with_blanks",
    "word_ids",
]
