r"""Soft targets: a teacher's probabilities, made flatter by a temperature, in place of right words.

References: :cite:t:`hinton2015`, section 2; torch's `kl_div` is the tests' oracle.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.tensors import has_numbers, widened


def soft_targets(
    logits: Float[Tensor, "*places vocab"], *, temperature: float
) -> Float[Tensor, "*places vocab"]:
    r"""Return a teacher's probabilities at a temperature.

    .. math:: p_v = \frac{e^{z_v / T}}{\sum_u e^{z_u / T}}

    Args:
        logits: :math:`z`, the teacher's.
        temperature: :math:`T`: 1 leaves the probabilities as they are, more makes them flatter.

    Raises:
        ValueError: The temperature is not above 0.

    Source: :cite:t:`hinton2015`, equation 1.

    >>> soft_targets(torch.tensor([2.0, 0.0]).log_softmax(0), temperature=2.0).round(decimals=2)
    tensor([0.7300, 0.2700])
    """
    if not temperature > 0:
        raise ValueError(f"a temperature of {temperature}: pass a number above 0")
    return (widened(logits) / temperature).softmax(dim=-1)


def soft_loss(
    student: Float[Tensor, "*places vocab"],
    teacher: Float[Tensor, "*places vocab"],
    *,
    temperature: float,
) -> Float[Tensor, ""]:
    r"""Return how far a student's probabilities are from the teacher's, in the mean over places.

    .. math:: T^2 \sum_v p_v \ln \frac{p_v}{q_v}

    where :math:`p` is the teacher's and :math:`q` the student's, both at the temperature. Their
    gradients shrink with :math:`1 / T^2`; the factor makes up for it.

    Args:
        student: The student's logits.
        teacher: The teacher's; no gradient goes there.
        temperature: :math:`T`.

    Raises:
        ValueError: The temperature is not above 0, or there is no place.

    Source: :cite:t:`hinton2015`, section 2.

    >>> logits = torch.tensor([[1.0, 2.0]])
    >>> soft_loss(logits, logits, temperature=2.0)
    tensor(0.)
    """
    targets = soft_targets(teacher.detach(), temperature=temperature)
    if has_numbers(student) and student.numel() == 0:
        raise ValueError("there is no place to compare: pass the logits of one at least")
    logs = (widened(student) / temperature).log_softmax(dim=-1)
    wanted = (widened(teacher.detach()) / temperature).log_softmax(dim=-1)
    return temperature**2 * (targets * (wanted - logs)).sum(dim=-1).mean()


def cosine_loss(
    student: Float[Tensor, "*places d_model"], teacher: Float[Tensor, "*places d_model"]
) -> Float[Tensor, ""]:
    r"""Return one minus the cosine between a student's vectors and the teacher's, in the mean.

    .. math:: 1 - \frac{s \cdot t}{\lVert s \rVert \, \lVert t \rVert}

    Args:
        student: What the student's last layer writes.
        teacher: What the teacher's does; no gradient goes there.

    Raises:
        ValueError: There is no place.

    Source: :cite:t:`sanh2019`, section 3.

    >>> cosine_loss(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    tensor(1.)
    """
    if has_numbers(student) and student.numel() == 0:
        raise ValueError("there is no place to compare: pass the vectors of one at least")
    return (1 - torch.cosine_similarity(widened(student), widened(teacher.detach()), dim=-1)).mean()
