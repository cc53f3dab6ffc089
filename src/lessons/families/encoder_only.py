r"""Encoder-only models (BERT, DistilBERT): every token sees every token.

They give a vector for each token, in its context. With a head for masked tokens they guess
hidden words from both sides; they don't continue texts.

Reference: :cite:t:`devlin2019`.
"""

from collections.abc import Callable, Iterable

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.blocks import Probe


class MaskedTokenHead(nn.Module):
    """Guess the token at each position from its vector.

    Args:
        d_model: The numbers in a token's vector.
        vocab: How many tokens there are.
        activation: BERT's is GELU.
        norm: Applied before the guess.

    Source: :cite:t:`devlin2019`, section 3.1, task 1.

    >>> import torch
    >>> from lessons.blocks import LayerNorm, gelu
    >>> MaskedTokenHead(4, 10, activation=gelu, norm=LayerNorm(4))(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 10])
    """

    def __init__(self, d_model: int, vocab: int, *, activation: Callable, norm: nn.Module):
        super().__init__()
        self.to_hidden = nn.Linear(d_model, d_model)
        self.activation = activation
        self.norm = norm
        self.unembed = nn.Linear(d_model, vocab)

    def forward(
        self, stream: Float[Tensor, "batch tokens d_model"]
    ) -> Float[Tensor, "batch tokens vocab"]:
        """Return a logit for each token of the vocabulary at each position."""
        return self.unembed(self.norm(self.activation(self.to_hidden(stream))))


class EncoderOnly(nn.Module):
    """An embedding, layers of self-attention without a mask, and a head.

    Args:
        embed: From ids to vectors.
        layers: Encoder blocks.
        head: From the last vectors to what is asked; `nn.Identity()` for the vectors.

    >>> import torch
    >>> from lessons.families import Embedding
    >>> model = EncoderOnly(Embedding(10, 4), [], nn.Identity())
    >>> model(torch.tensor([[1, 2]])).shape
    torch.Size([1, 2, 4])
    """

    def __init__(self, embed: nn.Module, layers: Iterable[nn.Module], head: nn.Module):
        super().__init__()
        self.embed = embed
        self.embedded = Probe()
        self.layers = nn.ModuleList(layers)
        self.head = head

    def forward(
        self,
        ids: Int[Tensor, "batch tokens"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        segments: Int[Tensor, "batch tokens"] | None = None,
    ) -> Float[Tensor, "batch *each features"]:
        """Return what the head makes of each token, or of the whole text.

        Args:
            ids: The tokens.
            visible: True where a token may be seen; hides padding.
            segments: Which sentence each token belongs to, for BERT.
        """
        stream = self.embedded(self.embed(ids, segments=segments))
        for layer in self.layers:
            stream = layer(stream, visible=visible)
        return self.head(stream)
