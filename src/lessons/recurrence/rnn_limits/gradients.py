r"""How much a state still depends on a token read long ago: gradients through time, measured.

Learning to use a token means following the gradient of the last state with respect to it. That
gradient is a product with one factor for each step between them.

References: :cite:t:`bengio1994`, :cite:t:`pascanu2013`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.recurrence.rnn_limits.cells import Cell
from lessons.recurrence.rnn_limits.unroll import unroll
from lessons.tensors import widened


def linear_gradients(
    w_state: Float[Tensor, "d_state d_state"], steps: int
) -> Float[Tensor, " {steps}+1"]:
    r"""Return the norms of the gradients of a *linear* recurrence over 0 to `steps` steps.

    .. math:: h_t = x_t W_x + h_{t-1} W_h \quad\Rightarrow\quad
        \frac{\partial h_t}{\partial h_{t-k}} = W_h^k

    The norm is the spectral one: by how much the best direction is stretched. For an orthogonal
    matrix times :math:`\rho` it is exactly :math:`\rho^k`; for any matrix of spectral radius
    :math:`\rho` it grows or shrinks like :math:`\rho^k` in the long run.

    Args:
        w_state: The recurrent weights.
        steps: The largest distance.

    Raises:
        ValueError: `steps` is negative.

    Source: :cite:t:`pascanu2013`, section 2.1.

    >>> linear_gradients(torch.tensor([[0.5]]), steps=3)
    tensor([1.0000, 0.5000, 0.2500, 0.1250])
    """
    if steps < 0:
        raise ValueError(f"steps is {steps}: pass at least 0")
    exact = widened(w_state)
    power, norms = torch.eye(len(exact), dtype=exact.dtype, device=exact.device), []
    for _ in range(steps + 1):
        norms.append(torch.linalg.matrix_norm(power, ord=2))
        power = power @ exact
    return torch.stack(norms).to(w_state.dtype)


def orthogonal_matrix(
    d_state: int, *, generator: torch.Generator
) -> Float[Tensor, "{d_state} {d_state}"]:
    """Return a random matrix that turns and mirrors but never stretches, in float64.

    Args:
        d_state: How many rows and columns.
        generator: Where the chance comes from.

    >>> q = orthogonal_matrix(3, generator=torch.Generator().manual_seed(0))
    >>> torch.allclose(q @ q.T, torch.eye(3, dtype=torch.float64))
    True
    """
    normal = torch.randn(d_state, d_state, generator=generator, dtype=torch.float64)
    return torch.linalg.qr(normal).Q


def spectral_radius(matrix: Float[Tensor, "d_state d_state"]) -> float:
    """Return the largest absolute value of a matrix's eigenvalues.

    >>> spectral_radius(torch.tensor([[0.0, 9.0], [0.0, -0.5]]))
    0.5
    """
    return torch.linalg.eigvals(widened(matrix)).abs().max().item()


def gradients_through_time(
    cell: Cell, tokens: Float[Tensor, "tokens d_model"]
) -> Float[Tensor, " tokens"]:
    r"""Return how strongly the last state depends on each token, the last token first.

    .. math:: \left\| \frac{\partial h_n}{\partial x_{n-k}} \right\|_F, \qquad k = 0, \dots, n - 1

    Args:
        cell: What is unrolled.
        tokens: The vectors of one sequence.

    Source: :cite:t:`pascanu2013`, section 2.

    >>> from lessons.recurrence.rnn_limits.cells import RNNCell
    >>> gradients_through_time(RNNCell(4, 8), torch.zeros(5, 4)).shape
    torch.Size([5])
    """
    jacobian = torch.autograd.functional.jacobian(
        lambda tokens: unroll(cell, tokens[None])[0][0, -1], tokens
    )
    return torch.linalg.vector_norm(jacobian, dim=(0, 2)).flip(0)


def mean_gradients(
    cell: Cell, tokens: Float[Tensor, "batch tokens d_model"]
) -> Float[Tensor, " tokens"]:
    """Return the geometric mean of :func:`gradients_through_time` over several sequences.

    >>> from lessons.recurrence.rnn_limits.cells import RNNCell
    >>> mean_gradients(RNNCell(4, 8), torch.zeros(2, 5, 4)).shape
    torch.Size([5])
    """
    norms = torch.stack([gradients_through_time(cell, sequence) for sequence in tokens])
    return norms.log().mean(dim=0).exp()
