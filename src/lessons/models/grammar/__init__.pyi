"""Where the names of `lessons.models.grammar` are defined; each is loaded when it is asked for."""

from .annotation import Sentence as Sentence, Translation as Translation
from .corpus import (
    finish as finish,
    repeat as repeat,
    sentence as sentence,
    translation as translation,
)
from .splits import (
    Splits as Splits,
    book_splits as book_splits,
    make_splits as make_splits,
    split_of as split_of,
)
