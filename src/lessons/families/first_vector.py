r"""A head on an encoder's first vector: one answer for a whole text, or for a pair of texts.

References: :cite:t:`devlin2019`, section 3.1 for pairs, and section 4.1 for every task that labels
a text.
"""

from jaxtyping import Float
from torch import Tensor, nn


class FirstVectorHead(nn.Module):
    r"""Answer for the whole text from its first vector, that of `[CLS]`.

    .. math:: z = W \tanh(W_p h_1 + b_p) + b

    Args:
        d_model: The numbers in a token's vector.
        answers: How many answers there are.

    Source: :cite:t:`devlin2019`, sections 3.1, task 2, and 4.1; the layer with the tanh, the
    *pooler*, is in the code that was published with the model.

    >>> import torch
    >>> FirstVectorHead(4, answers=2)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 2])
    """

    def __init__(self, d_model: int, answers: int):
        super().__init__()
        self.pooler = nn.Linear(d_model, d_model)
        self.to_answer = nn.Linear(d_model, answers)

    def forward(
        self, stream: Float[Tensor, "batch tokens d_model"]
    ) -> Float[Tensor, "batch answers"]:
        """Return a logit for each answer."""
        return self.to_answer(self.pooler(stream[:, 0]).tanh())
