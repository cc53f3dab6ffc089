"""Where the names of `lessons.models` are defined; each is loaded when it is asked for."""

from .judging.choices import agreement_choices as agreement_choices, choices_right as choices_right
from .judging.links import link_hits as link_hits, link_mass as link_mass, shifted as shifted
from .loading.encoding import encode as encode
from .loading.loader import Loaded as Loaded, load as load
from .loading.sentence_vectors import sentence_vectors as sentence_vectors
from .open_english.item_sets import english_items as english_items, rule_rates as rule_rates
from .texts.agreement_text import (
    agreement_sentences as agreement_sentences,
    has_relative_clause as has_relative_clause,
    held_out_rows as held_out_rows,
    one_noun_between as one_noun_between,
    running_text as running_text,
    text_rows as text_rows,
    word_ids as word_ids,
)
from .texts.cloze import (
    Blank as Blank,
    other_adjectives as other_adjectives,
    tense_blanks as tense_blanks,
    with_blanks as with_blanks,
    with_words as with_words,
)
from .texts.sorting import sorting_rows as sorting_rows
