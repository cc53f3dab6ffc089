"""How often which answer was given to which truth."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor


def confusion_matrix(
    truth: Int[Tensor, " texts"], said: Int[Tensor, " texts"], classes: int
) -> Int[Tensor, "{classes} {classes}"]:
    r"""Count how often class :math:`i` was called class :math:`j`.

    .. math:: C_{ij} = \sum_n [\text{truth}_n = i] \, [\text{said}_n = j]

    Args:
        truth: The right classes, from 0.
        said: The answers.
        classes: How many classes there are.

    Raises:
        ValueError: There is a class that is not one of these.

    >>> confusion_matrix(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), classes=2)
    tensor([[1, 1],
            [0, 1]])
    """
    for answers in (truth, said):
        if len(answers) and not 0 <= int(answers.min()) <= int(answers.max()) < classes:
            raise ValueError(f"there are {classes} classes: pass answers from 0 to {classes - 1}")
    return torch.bincount(truth * classes + said, minlength=classes**2).view(classes, classes)


def recalls(matrix: Int[Tensor, "truth said"]) -> Float[Tensor, " truth"]:
    r"""Return which share of each class was found: the diagonal over the rows' sums.

    Args:
        matrix: What :func:`confusion_matrix` returns.

    Raises:
        ValueError: A class has no text, so nothing can be said about it.

    >>> recalls(torch.tensor([[3, 1], [0, 2]]))
    tensor([0.7500, 1.0000])
    """
    sums = matrix.sum(dim=1)
    if (sums == 0).any():
        empty = int((sums == 0).nonzero()[0])
        raise ValueError(f"class {empty} has no text: pass texts of each class, or leave it out")
    return matrix.diagonal() / sums


def check_classes(labels: Sequence[int], classes: int) -> None:
    """Refuse to learn classes of which one has no example.

    Raises:
        ValueError: A class is empty.

    >>> check_classes([0, 1, 1], classes=2)
    """
    if missing := sorted(set(range(classes)) - set(labels)):
        raise ValueError(f"class {missing[0]} has no example: pass some of each class")
