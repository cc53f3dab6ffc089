"""Where the names of `lessons.practice` are defined; each is loaded when it is asked for."""

from .judged import labels_right as labels_right, spans_found as spans_found
from .kept_pieces import KeptPieces as KeptPieces
from .labeled_texts import (
    movie_texts as movie_texts,
    named_texts as named_texts,
    negation_edits as negation_edits,
)
from .logistic_heads import (
    logistic_head as logistic_head,
    text_classifier as text_classifier,
    token_classifier as token_classifier,
)
from .pronoun_task import PronounPipeline as PronounPipeline
from .three_steps import complete as complete, fill_mask as fill_mask
from .word_groups import group_words as group_words
