r"""What a whole model costs: parameters and operations, by formula and by counting its tensors.

The formulas are those of decoder-only models. Operations are those of the matrix products, as in
:mod:`lessons.blocks.block_cost`.
"""

import math

from torch import nn

PARTS = {
    "embed.tokens": "embedding",
    "embed.segments": "embedding",
    "positions": "positions",
    "bias.table": "positions",
    "attention.": "attention",
    "cross.": "attention",
    "feed_forward.": "feed-forward",
    "norm": "norms",
}


def decoder_parameters(
    vocab: int,
    d_model: int,
    *,
    layers: int,
    block: int,
    norm: int,
    positions: int = 0,
    tied: bool = True,
) -> int:
    r"""Count the learned numbers of a decoder-only model.

    .. math:: (\text{vocab} + \text{positions})\, d_\text{model} + \text{layers} \cdot
        \text{block} + \text{norm} \;[\, + \text{vocab} \cdot d_\text{model}\,]

    Args:
        vocab: The rows of the embedding.
        d_model: The numbers in a token's vector.
        layers: The number of blocks.
        block: The numbers of one, from :func:`~lessons.blocks.block_cost.block_parameters`.
        norm: The numbers of the last norm.
        positions: The rows of the table of positions; 0 where positions are not learned.
        tied: Whether the output layer is the embedding; if not, it has as many numbers again.

    >>> decoder_parameters(50257, 768, layers=12, block=7087872, norm=1536, positions=1024)
    124439808
    """
    tables = (vocab * (1 if tied else 2) + positions) * d_model
    return tables + layers * block + norm


def decoder_flops(tokens: int, vocab: int, d_model: int, *, layers: int, block: int) -> int:
    r"""Count the operations of one pass over a text: the blocks, and the logits.

    .. math:: \text{layers} \cdot \text{block} + 2\, n\, d_\text{model} \cdot \text{vocab}

    Looking up a row of a table takes no multiplication.

    Args:
        tokens: The length of the text.
        vocab: How many logits there are at each position.
        d_model: The numbers in a token's vector.
        layers: The number of blocks.
        block: The operations of one, from :func:`~lessons.blocks.block_cost.block_flops`.

    >>> decoder_flops(1, 10, 4, layers=2, block=100)
    280
    """
    return layers * block + 2 * tokens * d_model * vocab


def parameters_by_part(model: nn.Module) -> dict[str, int]:
    """Count a model's tensors by what they belong to; what has two names counts once.

    Args:
        model: One of the book's families.

    >>> from lessons.blocks import LayerNorm
    >>> parameters_by_part(nn.ModuleDict({"norm": LayerNorm(4)}))
    {'norms': 8}
    """
    counted: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        part = next((PARTS[mark] for mark in PARTS if mark in name), "output")
        counted[part] = counted.get(part, 0) + math.prod(parameter.shape)
    return counted
