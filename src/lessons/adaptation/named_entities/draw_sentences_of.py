r"""Batches of marked sentences for `fit`, as the reader that is to learn needs them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch

from lessons.adaptation.named_entities.entity_sentences import Marked


def _some(
    generator: torch.Generator,
    sentences: Sequence[Marked],
    rows_of: Callable[[Sequence[Marked]], Any],
    rows: int,
) -> Any:
    drawn = torch.randint(len(sentences), (rows,), generator=generator).tolist()
    return rows_of([sentences[place] for place in drawn])


def draw_marked(
    sentences: Sequence[Marked], rows_of: Callable[[Sequence[Marked]], Any], *, rows: int
) -> Callable[[torch.Generator], Any]:
    """Return a function that draws a batch of these sentences, with repetition.

    Args:
        sentences: What is drawn from.
        rows_of: Makes tensors of sentences: a reader's method `rows`.
        rows: How many sentences a batch has.

    Raises:
        ValueError: There is no sentence.

    >>> from lessons.adaptation import entity_sentences
    >>> draw_marked(entity_sentences(3), len, rows=5)(torch.Generator())
    5
    """
    if not sentences:
        raise ValueError("there is no sentence: pass at least one")
    return partial(_some, sentences=sentences, rows_of=rows_of, rows=rows)
