r"""The weights of a head as two matrices, and how far one head's writing is what another reads.

Scores depend on :math:`W_Q` and :math:`W_K` through their product alone, and what a head writes,
on :math:`W_V` and :math:`W_O`: the *QK circuit* says who looks at whom, the *OV circuit* what is
then written. Both are tables of d_model × d_model numbers, of rank d_head.

Reference: :cite:t:`elhage2021`, sections "Splitting attention head terms into circuits" and
"Composition scores".
"""

from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.blocks import EncoderBlock, LayerNorm
from lessons.families import DecoderOnly


class HeadCircuits(NamedTuple):
    """A head's weights, without its biases, as two tables between vectors of the stream."""

    qk: Float[Tensor, "d_model d_model"]
    ov: Float[Tensor, "d_model d_model"]


@torch.no_grad()
def head_circuits(model: DecoderOnly, layer: int, head: int) -> HeadCircuits:
    r"""Return :math:`W_Q W_K^\top` and :math:`(W_V W_O)^\top` of one head, for the stream.

    What its layer's norm does by a product (centering, gain) is part of them. The norm's division
    is not, for it depends on the text; it stretches all directions alike.

    Args:
        model: A decoder whose norms are LayerNorms, with as many key–value heads as heads.
        layer: Counted from 0.
        head: Counted from 0.

    Raises:
        ValueError: The model has other norms or fewer key–value heads.

    Source: :cite:t:`elhage2021`.

    >>> from lessons.families import from_transformers
    >>> from lessons.models import load
    >>> circuits = head_circuits(from_transformers(load("decoder", source="book").model), 1, 2)
    >>> circuits.qk.shape, int(torch.linalg.matrix_rank(circuits.ov, rtol=1e-4))
    (torch.Size([128, 128]), 32)
    """
    block = cast(EncoderBlock, model.layers[layer])
    norm, attention = block.attention_norm, block.attention
    if not isinstance(norm, LayerNorm) or attention.group != 1:
        raise ValueError("norms are no LayerNorms, or heads share keys and values: pass a GPT-2")
    d_model = len(norm.gain)
    centered = torch.eye(d_model, dtype=norm.gain.dtype) - 1 / d_model
    query, key, value = (
        part.weight.unflatten(0, (attention.heads, -1))[head] * norm.gain @ centered
        for part in (attention.to_query, attention.to_key, attention.to_value)
    )
    output = attention.to_output.weight.unflatten(1, (attention.heads, -1))[:, head]
    return HeadCircuits(query.T @ key, output @ value)


def composition_score(
    reads: Float[Tensor, "d_out d_model"], writes: Float[Tensor, "d_model d_in"]
) -> float:
    r"""Return how far what one table reads lies in the directions that another writes.

    .. math:: \frac{\lVert A B \rVert_F}{\lVert A \rVert_F \lVert B \rVert_F}

    With :math:`A` = a later head's QK circuit and :math:`B` = an earlier head's OV circuit this is
    *K-composition*: the later head finds its keys by what the earlier one wrote. With the QK
    circuit transposed it is Q-composition, with the later OV circuit V-composition. Tables that
    have nothing to do with each other reach about :math:`1 / \sqrt{d_\text{model}}`.

    Source: :cite:t:`elhage2021`, section "Composition scores".

    >>> a, b = torch.diag(torch.tensor([1.0, 1.0, 0.0])), torch.diag(torch.tensor([0.0, 1.0, 1.0]))
    >>> round(composition_score(a, b), 4), composition_score(a, torch.diag(1 - a.diag()))
    (0.5, 0.0)
    """
    return float((reads @ writes).norm() / (reads.norm() * writes.norm()))
