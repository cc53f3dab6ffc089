r"""Depth: what happens to signals and gradients when many blocks stand on each other.

Everything here is measured at initialization, before any training: where the norm stands, and
whether there is a residual at all, decides what reaches the first layer and the last.

References: :cite:t:`xiong2020` for gradients by layer; :cite:t:`dong2021` for tokens that become
the same without residuals.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.blocks.activations import gelu
from lessons.blocks.attention_layer import Attention
from lessons.blocks.encoder import EncoderBlock
from lessons.blocks.feed_forward import FeedForward
from lessons.blocks.initialization import xavier
from lessons.blocks.norms import LayerNorm


def norm_without_residual(
    x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
) -> Float[Tensor, "*batch d_model"]:
    """Return `sublayer(norm(x))`: a broken block that replaces the stream instead of adding to it.

    >>> norm_without_residual(torch.tensor([3.0]), norm=lambda x: x / 2, sublayer=lambda x: 10 * x)
    tensor([15.])
    """
    return sublayer(norm(x))


def residual_without_norm(
    x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
) -> Float[Tensor, "*batch d_model"]:
    """Return `x + sublayer(x)`: a block that adds to the stream and never scales it.

    >>> residual_without_norm(torch.tensor([3.0]), norm=abs, sublayer=lambda x: 10 * x)
    tensor([33.])
    """
    return x + sublayer(x)


def neither_norm_nor_residual(
    x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
) -> Float[Tensor, "*batch d_model"]:
    """Return `sublayer(x)`: a broken block that has no norm either.

    >>> neither_norm_nor_residual(torch.tensor([3.0]), norm=abs, sublayer=lambda x: 10 * x)
    tensor([30.])
    """
    return sublayer(x)


def deep_stack(
    residual: Callable, layers: int, *, d_model: int = 64, heads: int = 4, seed: int = 0
) -> nn.Sequential:
    """Stack untrained encoder blocks, and a last LayerNorm, with Xavier's initialization.

    Pre-norm models have that last norm. Post-norm ones end with one anyway, and a second one
    changes nothing as long as its gain is 1 and its bias 0.

    Args:
        residual: How a sublayer meets the stream, such as
            :func:`~lessons.blocks.residual.pre_norm`.
        layers: The number of blocks.
        d_model: The numbers in a token's vector.
        heads: The heads of each block; must divide `d_model`.
        seed: Decides the weights.

    >>> from lessons.blocks import pre_norm
    >>> deep_stack(pre_norm, 3)(torch.zeros(1, 5, 64)).shape
    torch.Size([1, 5, 64])
    """
    blocks = [
        EncoderBlock(
            Attention(d_model, heads),
            FeedForward(d_model, 4 * d_model, gelu),
            norm=lambda: LayerNorm(d_model),
            residual=residual,
        )
        for _ in range(layers)
    ]
    stack = nn.Sequential(*blocks, LayerNorm(d_model))
    return xavier(stack, generator=torch.Generator().manual_seed(seed))


def gradient_norms(
    stack: nn.Sequential, *, vocab: int = 50, tokens: int = 16, batch: int = 8, seed: int = 0
) -> list[float]:
    r"""Return, block by block, how long the gradient of its feed-forward's second matrix is.

    Random vectors go in, random tokens are to be guessed, and the loss is the mean
    cross-entropy: the situation of the first step of a training. The length is
    :math:`\lVert \partial L / \partial W_2 \rVert_F`.

    Args:
        stack: What :func:`deep_stack` returns.
        vocab: How many tokens there are to guess.
        tokens: The length of each sequence.
        batch: The number of sequences.
        seed: Decides the vectors, the tokens, and the matrix from vectors to logits.

    Source: :cite:t:`xiong2020`, section 3.3, whose theorem 1 is about the last block's.

    >>> from lessons.blocks import pre_norm
    >>> len(gradient_norms(deep_stack(pre_norm, 3)))
    3
    """
    generator = torch.Generator().manual_seed(seed)
    last = [part.to_output for part in stack.modules() if isinstance(part, FeedForward)]
    d_model = last[0].out_features
    x = torch.randn(batch, tokens, d_model, generator=generator)
    wanted = torch.randint(vocab, (batch, tokens), generator=generator)
    unembed = torch.randn(d_model, vocab, generator=generator) / d_model**0.5
    loss = nn.functional.cross_entropy((stack(x) @ unembed).flatten(0, 1), wanted.flatten())
    matrices = [layer.weight for layer in last]
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, matrices)]


def pulled_at_the_end(
    stack: nn.Sequential, *, tokens: int = 16, batch: int = 8, seed: int = 0
) -> tuple[float, float, float]:
    r"""Return the stream's length, and the last gradient with the last norm and without it.

    Without the last norm logits are longer, hence errors of a cross-entropy, too. So the loss is
    linear here, :math:`L = \sum_i a_i\, x_i` with random :math:`a`: it pulls at the numbers of the
    end alike, however large they are. The gradient is that of the last block's second
    feed-forward matrix.

    Args:
        stack: What :func:`deep_stack` returns.
        tokens: The length of each sequence.
        batch: The number of sequences.
        seed: Decides the vectors that go in, and the pull.

    >>> from lessons.blocks import pre_norm
    >>> [round(one) for one in pulled_at_the_end(deep_stack(pre_norm, 24))]
    [35, 122, 539]
    """
    generator = torch.Generator().manual_seed(seed)
    networks = [part for part in stack.modules() if isinstance(part, FeedForward)]
    matrix = networks[-1].to_output.weight
    inputs, pull = torch.randn(2, batch, tokens, matrix.shape[0], generator=generator)
    stream = stack[:-1](inputs)
    losses = [(end * pull).sum() for end in (stack[-1](stream), stream)]
    with_norm, without = (
        torch.autograd.grad(loss, matrix, retain_graph=True)[0].norm().item() for loss in losses
    )
    return stream.norm(dim=-1).mean().item(), with_norm, without


def token_spread(x: Float[Tensor, "*batch tokens d_model"]) -> float:
    r"""Return how much of a sequence's vectors tells its tokens apart: 0 if all are the same.

    .. math:: \frac{\lVert X - \mathbf 1 \bar x \rVert_F}{\lVert X \rVert_F}, \qquad
        \bar x = \text{the mean over the tokens}

    Source: :cite:t:`dong2021`, section 2, with another norm and another point in the middle.

    >>> token_spread(torch.ones(5, 4)), token_spread(torch.tensor([[1.0], [-1.0]]))
    (0.0, 1.0)
    """
    return ((x - x.mean(dim=-2, keepdim=True)).norm() / x.norm()).item()
