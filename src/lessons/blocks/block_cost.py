r"""What a block costs: parameters and operations, counted by formula.

Operations are those of the matrix products, a multiplication and its addition being two, as
torch's :class:`torch.utils.flop_counter.FlopCounterMode` counts them. Norms, activations and
softmaxes are left out: they take a few operations a number, a product takes thousands.
"""

from lessons.attention.attention_cost import score_flops


def feed_forward_parameters(d_model: int, d_ff: int, *, bias: bool = True) -> int:
    r"""Count the learned numbers of a feed-forward network: two matrices, and two biases.

    .. math:: 2\, d_\text{model}\, d_\text{ff} + d_\text{ff} + d_\text{model}

    >>> feed_forward_parameters(768, 3072)
    4722432
    """
    return 2 * d_model * d_ff + (d_ff + d_model if bias else 0)


def gated_feed_forward_parameters(d_model: int, d_ff: int) -> int:
    r"""Count the learned numbers of a gated feed-forward network: three matrices, no bias.

    .. math:: 3\, d_\text{model}\, d_\text{ff}

    >>> gated_feed_forward_parameters(4096, 14336)
    176160768
    """
    return 3 * d_model * d_ff


def block_parameters(*, attention: int, feed_forward: int, norm: int, attentions: int = 1) -> int:
    """Count the learned numbers of a block: its attentions, its feed-forward, a norm for each.

    Args:
        attention: The numbers of one attention, from
            :func:`~lessons.attention.attention_cost.attention_parameters`.
        feed_forward: The numbers of the feed-forward network.
        norm: The numbers of one norm: `2 * d_model` for a LayerNorm, `d_model` for an RMSNorm.
        attentions: 1, or 2 in a decoder block with cross-attention.

    >>> block_parameters(attention=2362368, feed_forward=4722432, norm=2 * 768)
    7087872
    """
    return attentions * attention + feed_forward + (attentions + 1) * norm


def attention_flops(queries: int, keys: int, d_model: int) -> int:
    r"""Count the operations of one attention with its four projections.

    Queries and output are projected for each query, keys and values for each key:

    .. math:: 4 (n_q + n_k)\, d_\text{model}^2 + 4\, n_q n_k\, d_\text{model}

    >>> attention_flops(queries=3, keys=5, d_model=2)
    248
    """
    projections = 4 * (queries + keys) * d_model**2
    return projections + score_flops(queries, keys, d_model)


def feed_forward_flops(tokens: int, d_model: int, d_ff: int, *, matrices: int = 2) -> int:
    r"""Count the operations of a feed-forward network; a gated one has three matrices.

    .. math:: 2 \cdot \text{matrices} \cdot n\, d_\text{model}\, d_\text{ff}

    >>> feed_forward_flops(tokens=3, d_model=2, d_ff=8)
    192
    """
    return 2 * matrices * tokens * d_model * d_ff


def block_flops(
    tokens: int, d_model: int, d_ff: int, *, matrices: int = 2, source: int | None = None
) -> int:
    """Count the operations of a block with as many key–value heads as heads.

    Args:
        tokens: The tokens that pass the block.
        d_model: The numbers in a token's vector.
        d_ff: The numbers within the feed-forward network.
        matrices: The matrices of the feed-forward network: 3 if it is gated.
        source: The tokens of the memory that a block with cross-attention looks at; None: it
            has none.

    >>> block_flops(1024, 768, 3072)
    17716740096
    """
    cross = 0 if source is None else attention_flops(tokens, source, d_model)
    own = attention_flops(tokens, tokens, d_model)
    return own + cross + feed_forward_flops(tokens, d_model, d_ff, matrices=matrices)
