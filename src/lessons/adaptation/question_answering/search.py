r"""Retrieval: the formulary's sentence that is nearest to a question, instead of any learning."""

from collections.abc import Sequence
from typing import NamedTuple

from lessons.models import Loaded, sentence_vectors
from lessons.tokens import VectorIndex


class Found(NamedTuple):
    """The sentence that was found for a question, and how near it is: a cosine."""

    sentence: str
    nearness: float


def nearest_sentences(
    encoder: Loaded, sentences: Sequence[str], texts: Sequence[str]
) -> list[Found]:
    """Return for each text the sentence whose vector has the largest cosine with the text's.

    Args:
        encoder: MiniLM, or another encoder without a head.
        sentences: What is searched.
        texts: Questions.

    Raises:
        ValueError: There is no sentence or no text.

    >>> from lessons.models import load
    >>> sentences = ["Murvidor is given for flu.", "The daily dose of Murvidor is two tablets."]
    >>> asked = ["How much Murvidor a day?"]
    >>> nearest_sentences(load("encoder", source="wheel"), sentences, asked)[0].sentence
    'The daily dose of Murvidor is two tablets.'
    """
    index = VectorIndex()
    index.add(sentences, sentence_vectors(encoder, sentences))
    return [Found(*index.search(one, count=1)[0]) for one in sentence_vectors(encoder, texts)]
