r"""Sums with three checks: the truth as code, a vote without a truth, and a check that sees half.

Reference: :cite:t:`deepseek2025`, for rules as rewards.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

PLUS, EQUALS, TOKENS = 10, 11, 12  # and the ten digits


class Sums(NamedTuple):
    """Pairs of numbers from 10 to 49, to be added."""

    first: Int[Tensor, " sums"]
    second: Int[Tensor, " sums"]


def two_digit_sums(split: str) -> Sums:
    """Return 300 sums kept back for a `test`, or the other 1,300 to `train` with.

    Raises:
        ValueError: `split` is neither.

    >>> [len(two_digit_sums(split).first) for split in ("train", "test")]
    [1300, 300]
    """
    if split not in ("train", "test"):
        raise ValueError(f"there is no split {split!r}: pass 'train' or 'test'")
    order = torch.randperm(1600, generator=torch.Generator().manual_seed(0))
    some = order[300:] if split == "train" else order[:300]
    return Sums(10 + some // 40, 10 + some % 40)


def carried(sums: Sums) -> Int[Tensor, " sums"]:
    """Return what is carried to the tens: 1 where the last digits make ten or more.

    >>> carried(Sums(torch.tensor([37, 31]), torch.tensor([48, 48])))
    tensor([1, 0])
    """
    return (sums.first % 10 + sums.second % 10) // 10


def right_sum(sums: Sums, answers: Int[Tensor, "sums size"]) -> Float[Tensor, "sums size"]:
    """Return 1 for each right answer, and 0 for all others: the truth, as code.

    >>> right_sum(Sums(torch.tensor([37]), torch.tensor([48])), torch.tensor([[85, 75]]))
    tensor([[1., 0.]])
    """
    return (answers == (sums.first + sums.second)[:, None]).float()


def right_last_digit(sums: Sums, answers: Int[Tensor, "sums size"]) -> Float[Tensor, "sums size"]:
    """Return 1 for each answer whose last digit is right: a check that sees no carrying.

    >>> right_last_digit(Sums(torch.tensor([37]), torch.tensor([48])), torch.tensor([[85, 75]]))
    tensor([[1., 1.]])
    """
    return (answers % 10 == (sums.first + sums.second)[:, None] % 10).float()


def most_agree(sums: Sums, answers: Int[Tensor, "sums size"]) -> Float[Tensor, "sums size"]:
    """Return 1 for each answer that is its group's most frequent one: a vote, without a truth.

    >>> most_agree(Sums(torch.tensor([37]), torch.tensor([48])), torch.tensor([[75, 85, 75]]))
    tensor([[1., 0., 1.]])
    """
    return (answers == answers.mode(dim=1, keepdim=True).values).float()


def asked(sums: Sums) -> Int[Tensor, "sums 6"]:
    """Return the questions as tokens, such as 3 7 + 4 8 =.

    >>> asked(Sums(torch.tensor([37]), torch.tensor([48])))
    tensor([[ 3,  7, 10,  4,  8, 11]])
    """
    signs = [torch.full_like(sums.first, sign) for sign in (PLUS, EQUALS)]
    first, second = (digits(numbers).unbind(dim=1) for numbers in sums)
    return torch.stack([*first, signs[0], *second, signs[1]], dim=1)


def digits(numbers: Int[Tensor, " numbers"]) -> Int[Tensor, "numbers 2"]:
    """Return the tens and the ones of some numbers.

    >>> digits(torch.tensor([85]))
    tensor([[8, 5]])
    """
    return torch.stack([numbers // 10, numbers % 10], dim=1)
