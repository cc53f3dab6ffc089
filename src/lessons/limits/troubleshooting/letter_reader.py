"""A decoder of any vocabulary that reads the letters of the diagnostics' texts."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.families import DecoderOnly


class LetterReader(nn.Module):
    """A decoder that reads each letter as a token of its own vocabulary.

    Args:
        decoder: One of our families.
        tokens: For each number of the texts, the padding's first, which token stands for it.

    >>> from lessons.families import small_decoder
    >>> decoder = small_decoder(40, d_model=8, heads=2, layers=1, positions=9)
    >>> reader = LetterReader(decoder, range(20, 37))
    >>> reader(torch.tensor([[0, 3, 4]]), torch.tensor([1])).shape
    torch.Size([1, 3, 40])
    """

    def __init__(self, decoder: DecoderOnly, tokens: Sequence[int]):
        super().__init__()
        self.decoder = decoder
        self.tokens = torch.tensor(list(tokens))

    def forward(
        self, ids: Int[Tensor, "batch tokens"], padding: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch tokens vocab"]:
        """Return the logits of the next token at each place; `padding` counts the left ones."""
        real = torch.arange(ids.shape[1], device=ids.device) >= padding[:, None]
        return self.decoder(self.tokens[ids], visible=real[:, None, None])
