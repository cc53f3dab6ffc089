r"""Examples to learn from whose truth is known: which corner of the plane, and some wrong labels.

Of each example's numbers the first two decide: the label is 1 where their signs differ. The
others say nothing, and a share of the labels is turned to the wrong one. So the best possible
loss is known: the entropy of a coin that falls on its rare side as often as labels are turned.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional


class Examples(NamedTuple):
    """Inputs and the answers to them, of which some may be turned."""

    x: Float[Tensor, "batch numbers"]
    labels: Int64[Tensor, " batch"]

    @property
    def right(self) -> Int64[Tensor, " batch"]:
        """The labels that `draw_corners` gives if it turns none."""
        return _differ(self.x).long()


def _differ(x: Float[Tensor, "batch numbers"]) -> Bool[Tensor, " batch"]:
    return (x[:, 0] > 0) != (x[:, 1] > 0)


def draw_corners(
    count: int, *, numbers: int = 6, turned: float = 0.15, generator: torch.Generator
) -> Examples:
    """Draw examples: a label is 1 where the first two numbers differ in sign, if it is not turned.

    Args:
        count: How many.
        numbers: How many numbers an example has; all but two say nothing.
        turned: Which share of the labels is wrong, on average.
        generator: Where chance comes from.

    Raises:
        ValueError: There are fewer than two numbers, or the share is not between 0 and 1.

    >>> drawn = draw_corners(3, turned=0.0, generator=torch.Generator().manual_seed(0))
    >>> drawn.x[:, :2].sign().prod(dim=1).tolist(), drawn.labels.tolist()
    ([1.0, -1.0, 1.0], [0, 1, 0])
    """
    if numbers < 2 or not 0 <= turned <= 1:
        raise ValueError(
            f"{numbers} numbers, {turned} of the labels turned: pass at least 2, and 0 to 1"
        )
    x = torch.randn(count, numbers, generator=generator)
    wrong = torch.rand(count, generator=generator) < turned
    return Examples(x, (_differ(x) != wrong).long())


def _some(generator: torch.Generator, examples: Examples, rows: int) -> Examples:
    drawn = torch.randint(len(examples.labels), (rows,), generator=generator)
    return Examples(examples.x[drawn], examples.labels[drawn])


def draw_from(examples: Examples, *, rows: int) -> Callable[[torch.Generator], Examples]:
    """Return a function that draws a batch from these examples, with repetition; for `fit`.

    Args:
        examples: What is drawn from.
        rows: How many examples a batch has.

    >>> few = draw_corners(3, generator=torch.Generator())
    >>> draw_from(few, rows=8)(torch.Generator()).x.shape
    torch.Size([8, 6])
    """
    return partial(_some, examples=examples, rows=rows)


def mean_loss(model: nn.Module, examples: Examples) -> Tensor:
    """Return the mean cross-entropy of a model on examples, in nats.

    >>> says_nothing = nn.Linear(6, 2)
    >>> _ = nn.init.zeros_(says_nothing.weight), nn.init.zeros_(says_nothing.bias)
    >>> round(mean_loss(says_nothing, draw_corners(9, generator=torch.Generator())).item(), 4)
    0.6931
    """
    return functional.cross_entropy(model(examples.x), examples.labels)
