r"""Why the scores are divided by √d_head: two measurements over random vectors.

A dot product of two vectors whose `d_head` entries are independent, with mean 0 and variance
1, has variance `d_head`. Undivided, the scores of a wide head are so far apart that the
softmax gives nearly everything to one key, and nearly no gradient to any score.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor


def random_scores(
    d_head: int,
    *,
    queries: int = 2000,
    keys: int = 16,
    scaled: bool,
    generator: torch.Generator,
) -> Float[Tensor, "{queries} {keys}"]:
    r"""Return dot products of random queries with random keys, divided by √d_head if `scaled`.

    The entries of all vectors are drawn independently from a normal distribution with
    mean 0 and variance 1. Each query meets keys of its own, so the rows are independent.

    Args:
        d_head: The numbers in each vector.
        queries: How many queries are drawn.
        keys: How many keys each of them meets.
        scaled: Whether the scores are divided by :math:`\sqrt{d_\text{head}}`.
        generator: Where the chance comes from.

    Source: :cite:t:`vaswani2017`, section 3.2.1, footnote 4.

    >>> scores = random_scores(64, scaled=True, generator=torch.Generator().manual_seed(0))
    >>> bool(0.9 < scores.var() < 1.1)
    True
    """
    draw = partial(torch.randn, generator=generator, device=generator.device, dtype=torch.float64)
    query = draw(queries, 1, d_head)
    key = draw(queries, keys, d_head)
    scores = (query * key).sum(dim=-1)
    return scores / math.sqrt(d_head) if scaled else scores


def softmax_gradient(scores: Float[Tensor, "queries keys"]) -> Float[Tensor, " queries"]:
    r"""Return, for each row, how strongly the softmax's weights react to its scores.

    .. math:: \left\| \frac{\partial w}{\partial s} \right\|_F
        \quad\text{with}\quad \frac{\partial w_i}{\partial s_j} = w_i (\delta_{ij} - w_j)

    This is the Frobenius norm of the softmax's Jacobian. It goes to 0 as one weight goes to
    1: then no score matters any more, and nothing is learned through them.

    >>> softmax_gradient(torch.tensor([[0.0, 0.0], [0.0, 50.0]])).round(decimals=2)
    tensor([0.5000, 0.0000])
    """
    weights = torch.softmax(scores, dim=-1)
    jacobian = torch.diag_embed(weights) - weights[:, :, None] * weights[:, None, :]
    return torch.linalg.matrix_norm(jacobian)


def entropy(weights: Float[Tensor, "*batch keys"]) -> Float[Tensor, "*batch"]:
    r"""Return the entropy of each row of weights, in nats.

    .. math:: H(w) = -\sum_j w_j \ln w_j

    It is 0 where one key has all the weight, and the logarithm of the number of keys where
    all have the same. So :math:`e^H` reads as "the number of keys attended to".

    >>> entropy(torch.tensor([0.5, 0.5])).exp()
    tensor(2.)
    """
    return torch.special.entr(weights).sum(dim=-1)


def follow_gradient(
    query: Float[Tensor, "queries d_head"],
    keys: Float[Tensor, "queries keys d_head"],
    *,
    scale: float,
    rate: float,
    steps: int = 100,
    goal: Callable = torch.clone,
) -> Float[Tensor, " queries"]:
    r"""Let each query climb the gradient of its first key's weight; return that weight at the end.

    Args:
        query: Where each begins.
        keys: The keys of each, of which it must learn to look at the first.
        scale: What the dot products are multiplied by, such as :math:`1 / \sqrt{d_\text{head}}`.
        rate: How far a query moves along the gradient at each step.
        steps: How often it moves, at least 0.
        goal: What is climbed, as a function of the weights: themselves, or :func:`torch.log`.

    >>> query, keys = torch.tensor([[0.0, 0.0], [0.0, 99.0]]), torch.eye(2).expand(2, 2, 2)
    >>> follow_gradient(query, keys, scale=1.0, rate=9.0).round(decimals=2)
    tensor([1., 0.])
    """
    query = query.detach()
    for _ in range(steps):
        query.requires_grad_()
        weights = torch.softmax(scale * torch.einsum("qd,qkd->qk", query, keys), dim=-1)
        (slope,) = torch.autograd.grad(goal(weights[:, 0]).sum(), query)
        query = query.detach() + rate * slope
    return torch.softmax(scale * torch.einsum("qd,qkd->qk", query, keys), dim=-1)[:, 0]
