r"""Decoder-only models (GPT-2, Llama): every token sees itself and what came before.

They guess the next token at every position, and so can continue a text. There is no encoder,
hence no cross-attention: the blocks are those of an encoder, with a causal mask.

References: :cite:t:`radford2019`; :cite:t:`touvron2023`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.attention import causal_mask, padding_before
from lessons.blocks import Probe, Remembered


class DecoderOnly(nn.Module):
    """An embedding, layers of masked self-attention, a norm, and the way back to tokens.

    Args:
        embed: From ids to vectors.
        layers: Blocks without cross-attention.
        norm: Applied to the last layer's vectors.
        unembed: From vectors to a logit for each token of the vocabulary.
        positions: The longest text, in tokens; None where there is no limit.

    >>> import torch
    >>> from lessons.families import Embedding
    >>> model = DecoderOnly(Embedding(10, 4), [], nn.Identity(), nn.Linear(4, 10))
    >>> model(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])
    """

    def __init__(
        self,
        embed: nn.Module,
        layers: Iterable[nn.Module],
        norm: nn.Module,
        unembed: nn.Module,
        *,
        positions: int | None = None,
    ):
        super().__init__()
        self.embed = embed
        self.embedded = Probe()
        self.layers = nn.ModuleList(layers)
        self.norm = norm
        self.unembed = unembed
        self.positions = positions

    def forward(
        self,
        ids: Int[Tensor, "batch tokens"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        caches: Sequence[Remembered] | None = None,
    ) -> Float[Tensor, "batch tokens vocab"]:
        """Return, at each position, a logit for each token that may come next.

        Args:
            ids: The tokens; with caches, the new ones only.
            visible: True where a token may be seen, besides the causal mask. Where a text begins
                with tokens that nobody may see, its positions are counted after them.
            caches: What each layer remembers of the tokens before; they are extended.
        """
        return self.unembed(self.norm(self.stream(ids, visible=visible, caches=caches)))

    def next_logits(
        self,
        ids: Int[Tensor, "batch tokens"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        caches: Sequence[Remembered] | None = None,
    ) -> Float[Tensor, "batch vocab"]:
        """Return the logits after the last token alone, all that generation needs."""
        return self.unembed(self.norm(self.stream(ids, visible=visible, caches=caches)[:, -1]))

    def stream(
        self,
        ids: Int[Tensor, "batch tokens"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        caches: Sequence[Remembered] | None = None,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Return the residual stream after the last layer."""
        start = caches[0].length if caches else 0
        tokens = ids.shape[-1]
        # One new token may see all that there is: no mask.
        mask = causal_mask(tokens, start + tokens, device=ids.device) if tokens > 1 else None
        first = start if visible is None else start - padding_before(visible)
        if visible is not None:
            mask = visible if mask is None else visible & mask
        stream = self.embedded(self.embed(ids, start=first))
        memories: Sequence[Remembered | None] = caches or [None] * len(self.layers)
        for layer, cache in zip(self.layers, memories, strict=True):
            stream = layer(stream, visible=mask, cache=cache)
        return stream

    def reordered(self, rows: Int[Tensor, " rows"]) -> "DecoderOnly":
        """Return the model for other rows of a batch: itself, for it depends on no row."""
        return self

    def after_padding(self, visible: Bool[Tensor, "batch 1 1 tokens"]) -> "Padded":
        """Return what writes on after prompts of several lengths, padded on the left to one.

        Args:
            visible: True where a prompt's token is no padding, such as
                `padding_mask(lengths, tokens).flip(-1)`.
        """
        return Padded(self, visible)


@dataclass(frozen=True)
class Padded:
    """A decoder together with what is padding in the prompts that it continues."""

    model: DecoderOnly
    visible: Bool[Tensor, "batch 1 1 tokens"]

    @property
    def layers(self) -> nn.ModuleList:
        """The decoder's layers."""
        return self.model.layers

    @property
    def positions(self) -> int | None:
        """The longest text, in tokens, the padding included."""
        return self.model.positions

    def next_logits(
        self, ids: Int[Tensor, "batch tokens"], *, caches: Sequence[Remembered] | None = None
    ) -> Float[Tensor, "batch vocab"]:
        """Return the logits after the last token; whatever follows the prompts is seen."""
        tokens = ids.shape[-1] + (caches[0].length if caches else 0)
        new = tokens - self.visible.shape[-1]
        visible = nn.functional.pad(self.visible, (0, new), value=True)
        return self.model.next_logits(ids, visible=visible, caches=caches)

    def reordered(self, rows: Int[Tensor, " rows"]) -> "Padded":
        """Return the same for other rows of the batch: beams change places."""
        return replace(self, visible=self.visible[rows])
