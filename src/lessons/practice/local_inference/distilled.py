"""DeepSeek's distilled models: their sizes, and the memory that they need."""

from typing import NamedTuple

from lessons.generation import cache_bytes
from lessons.practice.local_inference.block_quantization import bits_per_weight


class DistilledSizes(NamedTuple):
    """The sizes of a decoder with gated feed-forward blocks, RMSNorm, and two tables of words."""

    layers: int
    d_model: int
    heads: int
    kv_heads: int
    d_ff: int
    vocab: int
    biased: bool  # queries, keys and values have a bias, as Qwen's have

    @property
    def weights(self) -> int:
        """All numbers that are learned."""
        keys = self.d_model * self.kv_heads // self.heads
        attention = 2 * self.d_model**2 + 2 * self.d_model * keys
        biases = self.d_model + 2 * keys if self.biased else 0
        layer = attention + biases + 3 * self.d_model * self.d_ff + 2 * self.d_model
        return self.layers * layer + 2 * self.vocab * self.d_model + self.d_model

    def needed_bytes(self, kind: str, tokens: int) -> int:
        r"""Count what the weights and the cache of a context take; a program needs some more.

        .. math:: \text{weights} \cdot \text{bits} / 8 + \text{cache}(\text{tokens})

        Args:
            kind: In which all weights are kept; files keep a few in more bits.
            tokens: For which there is a cache, in half precision.

        Raises:
            ValueError: There is no such kind.
        """
        cache = cache_bytes(
            tokens, layers=self.layers, d_model=self.d_model, heads=self.heads,
            kv_heads=self.kv_heads, bytes_per_number=2,
        )  # fmt: skip
        return int(self.weights * bits_per_weight(kind) / 8) + cache


def distilled_models() -> dict[str, DistilledSizes]:
    """Return the sizes of the six distilled models, by name.

    Source: :cite:t:`deepseek2025`, section 2.4, for the six; their sizes are those of the models
    that were taught, Qwen2.5 and Llama 3.

    >>> distilled_models()["DeepSeek-R1-Distill-Llama-8B"].weights
    8030261248
    """
    return {
        "DeepSeek-R1-Distill-Qwen-1.5B": DistilledSizes(28, 1536, 12, 2, 8960, 151936, True),
        "DeepSeek-R1-Distill-Qwen-7B": DistilledSizes(28, 3584, 28, 4, 18944, 152064, True),
        "DeepSeek-R1-Distill-Llama-8B": DistilledSizes(32, 4096, 32, 8, 14336, 128256, False),
        "DeepSeek-R1-Distill-Qwen-14B": DistilledSizes(48, 5120, 40, 8, 13824, 152064, True),
        "DeepSeek-R1-Distill-Qwen-32B": DistilledSizes(64, 5120, 40, 8, 27648, 152064, True),
        "DeepSeek-R1-Distill-Llama-70B": DistilledSizes(80, 8192, 64, 8, 28672, 128256, False),
    }
