r"""Encoder–decoder models (the 2017 transformer, T5): read one text, write another.

The encoder gives one vector for each source token, not one for the whole source. The decoder
writes the target from left to right, and in every layer looks at those vectors.

References: :cite:t:`vaswani2017`; :cite:t:`raffel2020`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.attention import causal_mask
from lessons.blocks import Probe, Remembered

Caches = Sequence[tuple[Remembered, Remembered]]


def unbiased(queries: int, keys: int) -> None:
    """Add nothing to the scores: the positions are in the embedding."""


class EncoderDecoder(nn.Module):
    """An embedding that both sides share, an encoder, a decoder, and the way back to tokens.

    Args:
        embed: From ids to vectors.
        encoder: Encoder blocks.
        decoder: Decoder blocks, with cross-attention.
        norms: Applied to the last vectors of the encoder and of the decoder.
        unembed: From vectors to a logit for each token of the vocabulary.
        biases: From numbers of queries and keys to a bias for the scores, one for the
            encoder and one for the decoder: T5's relative positions.

    >>> import torch
    >>> from lessons.families import transformer2017
    >>> model = transformer2017(vocab=10, d_model=8, heads=2, d_ff=16, layers=1)
    >>> model(torch.tensor([[1, 2, 3]]), torch.tensor([[0, 4]])).shape
    torch.Size([1, 2, 10])
    """

    def __init__(
        self,
        embed: nn.Module,
        encoder: Iterable[nn.Module],
        decoder: Iterable[nn.Module],
        *,
        norms: tuple[nn.Module, nn.Module],
        unembed: nn.Module,
        biases: tuple[Callable, Callable] = (unbiased, unbiased),
    ):
        super().__init__()
        self.embed = embed
        self.embedded_source, self.embedded_target = Probe(), Probe()
        self.encoder, self.decoder = nn.ModuleList(encoder), nn.ModuleList(decoder)
        self.encoder_norm, self.decoder_norm = norms
        self.encoder_bias, self.decoder_bias = biases
        self.memory = Probe()
        self.unembed = unembed

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        target: Int[Tensor, "batch target"],
        *,
        source_visible: Bool[Tensor, "*mask"] | None = None,
    ) -> Float[Tensor, "batch target vocab"]:
        """Return, at each target position, a logit for each token that may come next.

        Args:
            source: The text to read.
            target: The text written so far, with its start token.
            source_visible: True where a source token may be seen; hides padding.
        """
        memory = self.encode(source, source_visible=source_visible)
        return self.unembed(self.stream(target, memory, source_visible=source_visible))

    def encode(
        self,
        source: Int[Tensor, "batch source"],
        *,
        source_visible: Bool[Tensor, "*mask"] | None = None,
    ) -> Float[Tensor, "batch source d_model"]:
        """Return the memory: a vector for each source token, in its context."""
        stream = self.embedded_source(self.embed(source))
        bias = self.encoder_bias(source.shape[-1], source.shape[-1])
        for layer in self.encoder:
            stream = layer(stream, visible=source_visible, bias=bias)
        return self.memory(self.encoder_norm(stream))

    def stream(
        self,
        target: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
        *,
        source_visible: Bool[Tensor, "*mask"] | None = None,
        caches: Caches | None = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """Return the target's vectors after the decoder; with caches, of new tokens only."""
        start = caches[0][0].length if caches else 0
        tokens = target.shape[-1]
        mask = causal_mask(tokens, start + tokens, device=target.device) if tokens > 1 else None
        bias = self.decoder_bias(tokens, start + tokens)
        stream = self.embedded_target(self.embed(target, start=start))
        for layer, pair in zip(
            self.decoder, caches or [(None, None)] * len(self.decoder), strict=True
        ):
            stream = layer(
                stream,
                memory,
                visible=mask,
                memory_visible=source_visible,
                bias=bias,
                caches=pair,
            )
        return self.decoder_norm(stream)

    def read(
        self,
        source: Int[Tensor, "batch source"],
        *,
        source_visible: Bool[Tensor, "*mask"] | None = None,
    ) -> "Reading":
        """Read the source once; what comes back can write, as a decoder-only model can."""
        memory = self.encode(source, source_visible=source_visible)
        return Reading(self, memory, source_visible)


@dataclass(frozen=True)
class Reading:
    """A decoder together with the source that it has read."""

    model: EncoderDecoder
    memory: Float[Tensor, "batch source d_model"]
    source_visible: Bool[Tensor, "*mask"] | None = None
    positions: int | None = None

    def next_logits(
        self, ids: Int[Tensor, "batch tokens"], *, caches: Caches | None = None
    ) -> Float[Tensor, "batch vocab"]:
        """Return the logits after the last target token."""
        stream = self.model.stream(
            ids, self.memory, source_visible=self.source_visible, caches=caches
        )
        return self.model.unembed(stream[:, -1])

    def reordered(self, rows: Int[Tensor, " rows"]) -> "Reading":
        """Return the reading whose rows are these of the batch: beams change places."""
        visible = self.source_visible
        if visible is not None and visible.dim() == 4 and visible.shape[0] > 1:
            visible = visible[rows]
        return replace(self, memory=self.memory[rows], source_visible=visible)
