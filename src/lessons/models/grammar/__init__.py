"""A small grammar of English-like sentences that returns every sentence with its truth."""

from lessons.models.grammar.corpus import finish, repeat, sentence, translation
from lessons.models.grammar.sentence import Sentence, Translation
from lessons.models.grammar.splits import Splits, book_splits, make_splits, split_of

__all__ = [
    "Sentence",
    "Splits",
    "Translation",
    "book_splits",
    "finish",
    "make_splits",
    "repeat",
    "sentence",
    "split_of",
    "translation",
]
