"""A score with its 95 % confidence interval and its baselines."""

import math
from dataclasses import asdict, dataclass, field

from jaxtyping import Float
from torch import Tensor

from lessons.foundations.intervals import NORMAL_95, Proportion


@dataclass(frozen=True)
class Score:
    """One measured number: what, how much, between which bounds, on how many sentences.

    `head` is (layer, head), counted from 0, where one head is scored; `baselines` holds the same
    number for simple rules; `bar` is what the book demands of the number (None: it only reports).
    """

    what: str
    value: float
    low: float
    high: float
    count: int
    head: tuple[int, int] | None = None
    baselines: dict[str, float] = field(default_factory=dict)
    bar: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the value reaches the bar; true where there is none."""
        return self.bar is None or self.value >= self.bar

    def as_dict(self) -> dict:
        """Return the score as plain values, to be kept as JSON."""
        return asdict(self)


def proportion(what: str, hits: list[bool], **more) -> Score:
    """Score the share of hits, one for every sentence, with Wilson's interval.

    Args:
        what: What was measured, as the cards print it.
        hits: Whether each sentence was right.
        more: The other fields of :class:`Score`.

    Raises:
        ValueError: There is no sentence.

    >>> proportion("heads", [True, False, True, True]).value
    0.75
    """
    share = Proportion(sum(map(bool, hits)), len(hits))
    low, high = share.interval
    return Score(what, share.rate, low, high, share.trials, **more)


def average(what: str, values: Float[Tensor, " batch"], **more) -> Score:
    """Score the mean of one value a sentence, with the normal interval of its standard error.

    Args:
        what: What was measured, as the cards print it.
        values: A number between 0 and 1 for each sentence.
        more: The other fields of :class:`Score`.

    Raises:
        ValueError: There are fewer than two sentences.

    >>> import torch
    >>> average("mass", torch.tensor([0.5, 0.5, 0.5, 0.5])).low
    0.5
    """
    if len(values) < 2:
        raise ValueError("a mean needs at least two sentences: score more of them")
    mean = values.double().mean().item()
    half = NORMAL_95 * values.double().std().item() / math.sqrt(len(values))
    return Score(what, mean, max(0.0, mean - half), min(1.0, mean + half), len(values), **more)
