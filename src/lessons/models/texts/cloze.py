r"""Cloze tests: a sentence with blanks, and the two words of which only one can stand there.

In a sentence such as "the trophy does not fit in the suitcase because it is too big" both verbs
have one tense. So either of them tells the other, and the truth about a blank is known.
"""

from collections.abc import Mapping
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from lessons.models.grammar.annotation import Sentence
from lessons.models.grammar.winograd import FRAMES

OTHER_TENSE = {
    "does": "did", "breaks": "broke", "hides": "hid", "is": "was",
    "did": "does", "broke": "breaks", "hid": "hides", "was": "is",
}  # fmt: skip


class Blank(NamedTuple):
    """A place in a sentence, the word that stands there, and the one that can't."""

    place: int
    right: str
    wrong: str

    def chance_of_right(
        self, logits: Float[Tensor, " vocab"], vocabulary: Mapping[str, int]
    ) -> Float[Tensor, ""]:
        """Return the probability of the right word, if it must be one of the two."""
        both = [vocabulary[self.right], vocabulary[self.wrong]]
        return logits[both].softmax(dim=-1)[0]


def tense_blanks(drawn: Sentence) -> tuple[Blank, Blank]:
    """Return the two verbs of a Winograd sentence as blanks: each decides the other's tense.

    Args:
        drawn: A sentence of the kind `winograd`.

    Raises:
        ValueError: The sentence is of another kind.

    >>> import random
    >>> from lessons.models.grammar import sentence
    >>> drawn = sentence("winograd", "test", random.Random(0))
    >>> [blank.right for blank in tense_blanks(drawn)]
    ['does', 'is']
    """
    if drawn.kind != "winograd":
        raise ValueError(f"this is a {drawn.kind} sentence: draw one of the kind 'winograd'")
    (verb, _), (copula, _) = drawn.subjects
    first, second = (
        Blank(place, drawn.tokens[place], OTHER_TENSE[drawn.tokens[place]])
        for place in (verb, copula)
    )
    return first, second


def with_blanks(drawn: Sentence, *blanks: Blank, mask: str = "[MASK]") -> str:
    """Return a sentence's text with these places blank.

    >>> drawn = Sentence(("tom", "sleeps"), kind="plain")
    >>> with_blanks(drawn, Blank(1, "sleeps", "slept"))
    'tom [MASK]'
    """
    return with_words(drawn, {blank.place: mask for blank in blanks})


def with_words(drawn: Sentence, words: Mapping[int, str]) -> str:
    """Return a sentence's text with other words at these places.

    >>> with_words(Sentence(("tom", "sleeps"), kind="plain"), {0: "[MASK]", 1: "slept"})
    '[MASK] slept'
    """
    return " ".join(words.get(at, word) for at, word in enumerate(drawn.tokens))


def other_adjectives(drawn: Sentence) -> tuple[str, str]:
    """Return what may stand for the last word of a Winograd sentence: its opposite, and another.

    By the opposite `it` means the other noun; by the other adjective it means the same one.

    Raises:
        ValueError: The sentence is of another kind.

    >>> text = "the trophy does not fit in the suitcase because it is too big"
    >>> other_adjectives(Sentence(tuple(text.split()), kind="winograd"))
    ('small', 'wide')
    """
    if drawn.kind != "winograd":
        raise ValueError(f"this is a {drawn.kind} sentence: draw one of the kind 'winograd'")
    text, word = f" {drawn.text} ", drawn.tokens[-1]
    pairs = next(
        frame.adjectives
        for frame in FRAMES.values()
        if f" {frame.present} " in text or f" {frame.past} " in text
    )
    side = next(pair.index(word) for pair in pairs if word in pair)
    opposite = next(pair[1 - side] for pair in pairs if word in pair)
    return opposite, next(pair[side] for pair in pairs if word not in pair)
