"""Dropout where a transformer has it: on what each sublayer adds."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from lessons.foundations import Dropout


class DroppedResidual(nn.Module):
    r"""A residual connection that drops a share of what its sublayer adds, while it trains.

    .. math:: x + \operatorname{dropout}(\operatorname{sublayer}(\operatorname{norm}(x)))

    Source: :cite:t:`vaswani2017`, section 5.4, with the norm in front.
    """

    def __init__(self, share: float):
        super().__init__()
        self.dropout = Dropout(share)

    def forward(
        self, x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
    ) -> Float[Tensor, "*batch d_model"]:
        """Return the stream after the sublayer."""
        return x + self.dropout(sublayer(norm(x)))
