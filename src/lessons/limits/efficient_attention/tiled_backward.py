r"""The backward pass of tiled attention: compute the weights again instead of keeping them.

The forward pass keeps one number a query, :math:`L_i = m_i + \ln \ell_i`. With it any tile of
weights is :math:`e^{s_{ij} - L_i}`, from queries and keys that are there anyway. More operations,
less memory.

References: :cite:t:`dao2022`, algorithm 4; :func:`torch.autograd.gradcheck` is the tests' oracle.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.attention import scaled_scores
from lessons.limits.efficient_attention.tiled import blocks, sees_all, tiled_attention


class TiledAttention(torch.autograd.Function):
    """Tiled attention whose gradients are computed tile by tile as well."""

    @staticmethod
    def forward(ctx, query, key, value, rows, columns, sees):
        """Read tile by tile, and keep one number a query."""
        mixed, denominator = tiled_attention(
            query, key, value, rows=rows, columns=columns, sees=sees
        )
        ctx.save_for_backward(query, key, value, mixed, denominator)
        ctx.tile = {"rows": rows, "columns": columns, "sees": sees}
        return mixed

    @staticmethod
    def backward(ctx, gradient):
        """Compute each tile of weights again."""
        if torch.is_grad_enabled():  # so it is with create_graph=True, and at no other time
            raise ValueError(
                "the gradient of flash_attention has no gradient of its own: leave create_graph "
                "out, or take it through scaled_dot_product_attention"
            )
        return *tiled_gradients(*ctx.saved_tensors, gradient, **ctx.tile), None, None, None


def flash_attention(
    query: Float[Tensor, "*batch queries d_head"],
    key: Float[Tensor, "*batch keys d_head"],
    value: Float[Tensor, "*batch keys d_value"],
    *,
    rows: int = 64,
    columns: int = 64,
    sees: Callable = sees_all,
) -> Float[Tensor, "*batch queries d_value"]:
    """Return what each query reads; forward and backward keep no table of scores.

    The arguments are those of :func:`~lessons.limits.efficient_attention.tiled.tiled_attention`.

    Raises:
        ValueError: In the backward pass, if a gradient of the gradient is asked for.

    >>> x = torch.eye(3, requires_grad=True)
    >>> flash_attention(x, x, x).sum().backward()
    >>> x.grad.shape
    torch.Size([3, 3])
    """
    return TiledAttention.apply(query, key, value, rows, columns, sees)


def tiled_gradients(
    query: Float[Tensor, "*batch queries d_head"],
    key: Float[Tensor, "*batch keys d_head"],
    value: Float[Tensor, "*batch keys d_value"],
    mixed: Float[Tensor, "*batch queries d_value"],
    denominator: Float[Tensor, "*batch queries"],
    gradient: Float[Tensor, "*batch queries d_value"],
    *,
    rows: int = 64,
    columns: int = 64,
    sees: Callable = sees_all,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Return the gradients of queries, keys and values.

    .. math::
        \begin{aligned}
        dV &= W^\top dO, \qquad dW = dO\, V^\top \\
        dS &= W \odot (dW - \operatorname{rowsum}(dO \odot O)) \\
        dQ &= dS\, K / \sqrt{d}, \qquad dK = dS^\top Q / \sqrt{d}
        \end{aligned}

    Source: :cite:t:`dao2022`, algorithm 4.

    >>> x = torch.eye(2)
    >>> mixed, denominator = tiled_attention(x, x, x)
    >>> [g.shape[0] for g in tiled_gradients(x, x, x, mixed, denominator, torch.ones(2, 2))]
    [2, 2, 2]
    """
    root = math.sqrt(query.shape[-1])
    kept = (gradient * mixed).sum(dim=-1, keepdim=True)
    to_query, to_key, to_value = (torch.zeros_like(part) for part in (query, key, value))
    start = key.shape[-2] - query.shape[-2]
    for at, block in blocks(query, rows, start=start):
        for to, some_keys in blocks(key, columns):
            visible = sees(at, to)
            if not visible.any():  # nor where there is no query, or no key
                continue
            row = slice(int(at[0]) - start, int(at[-1]) + 1 - start)
            column = slice(int(to[0]), int(to[-1]) + 1)
            from_here, lost = gradient[..., row, :], kept[..., row, :]
            exponents = scaled_scores(block, some_keys) - denominator[..., row, None]
            weights = exponents.masked_fill(~visible, -math.inf).exp()
            to_scores = weights * (from_here @ value[..., column, :].mT - lost) / root
            to_value[..., column, :] += weights.mT @ from_here
            to_query[..., row, :] += to_scores @ some_keys
            to_key[..., column, :] += to_scores.mT @ block
    return to_query, to_key, to_value
