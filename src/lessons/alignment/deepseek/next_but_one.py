r"""The token after the next: a small module that a decoder learns with, and drafts by.

It reads, at each position, what the decoder knows there and the token that came next, and
predicts the one after it, by the decoder's own embedding and output layer.

References: :cite:t:`deepseekv3`, section 2.2; :cite:t:`gloeckle2024`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.attention import causal_mask
from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, gelu_tanh, pre_norm
from lessons.families import DecoderOnly, shifted_cross_entropy


class NextButOne(nn.Module):
    r"""Predict the token after the next from a decoder's vectors and the next token.

    .. math:: h'_i = \operatorname{block}\bigl(W\,[\operatorname{norm}(h_i);\,
        \operatorname{norm}(\operatorname{emb}(t_{i + 1}))]\bigr), \qquad
        p(t_{i + 2}) = \operatorname{softmax}(U \operatorname{norm}(h'_i))

    Args:
        d_model: The numbers in a token's vector, as in the decoder.
        heads: The heads of its one block.

    Source: :cite:t:`deepseekv3`, equations 21 to 23.

    >>> from lessons.families import small_decoder
    >>> model = small_decoder(9, positions=8, d_model=16)
    >>> ids = torch.tensor([[1, 2, 3, 4]])
    >>> NextButOne(16, heads=2)(model, model.stream(ids), ids).shape
    torch.Size([1, 3, 9])
    """

    def __init__(self, d_model: int, *, heads: int):
        super().__init__()
        self.stream_norm, self.token_norm = LayerNorm(d_model), LayerNorm(d_model)
        self.join = nn.Linear(2 * d_model, d_model, bias=False)
        self.block = EncoderBlock(
            Attention(d_model, heads),
            FeedForward(d_model, 4 * d_model, gelu_tanh),
            norm=lambda: LayerNorm(d_model),
            residual=pre_norm,
        )

    def forward(
        self,
        model: DecoderOnly,
        stream: Float[Tensor, "batch tokens d_model"],
        ids: Int[Tensor, "batch tokens"],
    ) -> Float[Tensor, "batch earlier vocab"]:
        """Return, for all positions but the last, logits for the token after the next.

        Args:
            model: Whose embedding and output layer it shares.
            stream: The decoder's vectors after its last layer.
            ids: The tokens that it read.
        """
        came = self.token_norm(model.embed(ids[:, 1:], start=1))
        both = self.join(torch.cat([self.stream_norm(stream[:, :-1]), came], dim=-1))
        tokens = both.shape[1]
        return model.unembed(model.norm(self.block(both, visible=causal_mask(tokens, tokens))))


class Foresighted(nn.Module):
    """A decoder together with the module that looks one token farther.

    Args:
        model: The decoder.
        module: What predicts the token after the next.

    >>> from lessons.families import small_decoder
    >>> Foresighted(small_decoder(9, positions=8, d_model=16), NextButOne(16, heads=2)).weight
    0.3
    """

    def __init__(self, model: DecoderOnly, module: NextButOne, *, weight: float = 0.3):
        super().__init__()
        self.model, self.module, self.weight = model, module, weight


def two_token_loss(both: Foresighted, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, ""]:
    r"""Return the loss on the next token, and a share of that on the one after it.

    .. math:: L + \lambda L', \qquad \lambda = 0.3

    Source: :cite:t:`deepseekv3`, equations 24 and 25; :math:`\lambda` as in its section 4.2.

    >>> from lessons.families import small_decoder
    >>> both = Foresighted(small_decoder(9, positions=8, d_model=16), NextButOne(16, heads=2))
    >>> two_token_loss(both, torch.tensor([[1, 2, 3, 4]])).shape
    torch.Size([])
    """
    model = both.model
    stream = model.stream(ids)
    near = shifted_cross_entropy(model.unembed(model.norm(stream)), ids)
    # Its first row is about the third token: with the first two ids left out, one shift is left.
    far = shifted_cross_entropy(both.module(model, stream, ids), ids[:, 1:])
    return near + both.weight * far
