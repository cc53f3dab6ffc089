r"""Learned positions: one trained vector for each position, up to a last one.

BERT and GPT-2 learn a table with a row a position. There is no row after the last, so the
table's length is the longest text that the model can read.

Reference: :cite:t:`gehring2017`, section 3.1.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.tensors import has_numbers


class LearnedPositions(nn.Module):
    r"""Add a learned vector for its position to each embedded token.

    .. math:: x_p = e_p + P_p, \qquad P \in \mathbb{R}^{\text{positions} \times d_\text{model}}

    Args:
        positions: The rows of the table: the longest text, in tokens.
        d_model: The numbers in each vector.

    Source: :cite:t:`gehring2017`, section 3.1.

    >>> LearnedPositions(16, 4)(torch.zeros(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, positions: int, d_model: int):
        super().__init__()
        self.table = nn.Embedding(positions, d_model)

    def forward(
        self,
        embedded: Float[Tensor, "batch tokens d_model"],
        *,
        start: int | Int[Tensor, "#batch 1"] = 0,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Add row `start` to the first token, `start + 1` to the next, and so on.

        Each text may have a start of its own, below 0 where padding comes first.

        Raises:
            ValueError: The text is longer than the table.
        """
        rows = start + torch.arange(embedded.shape[-2], device=embedded.device)
        if has_numbers(rows) and (rows >= self.table.num_embeddings).any():
            raise ValueError(
                f"the text has {int(rows.max()) + 1} tokens, the model "
                f"{self.table.num_embeddings} positions: pass a shorter text, or one cut into "
                "pieces"
            )
        return embedded + self.table(rows.clamp(min=0))
