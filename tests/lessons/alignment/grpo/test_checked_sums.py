"""Sums against Python's own, and checks that see what they should and no more."""

import pytest
import torch

from lessons.alignment import (
    Sums,
    asked,
    carried,
    digits,
    most_agree,
    right_last_digit,
    right_sum,
    two_digit_sums,
)
from lessons.alignment.grpo.checked_sums import EQUALS, PLUS

WORDS = [*"0123456789"]
WORDS[PLUS:EQUALS] = "+"
WORDS[EQUALS:] = "="


def told(tokens) -> str:
    return "".join(WORDS[token] for token in tokens.tolist())


def test_all_sums_of_numbers_from_10_to_49_once():
    both = [two_digit_sums(split) for split in ("train", "test")]
    pairs = [pair for sums in both for pair in zip(*(one.tolist() for one in sums), strict=True)]
    assert sorted(pairs) == [(a, b) for a in range(10, 50) for b in range(10, 50)]


def test_questions_and_answers_as_python_has_them():
    sums = two_digit_sums("test")
    total = sums.first + sums.second
    for row, (question, answer) in enumerate(zip(asked(sums), digits(total), strict=True)):
        left, right = told(question)[:-1].split("+")
        assert told(question) == f"{sums.first[row]}+{sums.second[row]}="
        assert int(left) + int(right) == int(told(answer)) == total[row]
        forgotten = 10 * (int(left[0]) + int(right[0])) + (int(left[1]) + int(right[1])) % 10
        assert total[row] - forgotten == 10 * carried(sums)[row]


def test_what_each_check_sees():
    sums = Sums(torch.tensor([37, 12]), torch.tensor([48, 13]))
    answers = torch.tensor([[75, 85, 75, 84], [25, 25, 35, 24]])
    assert right_sum(sums, answers).tolist() == [[0, 1, 0, 0], [1, 1, 0, 0]]
    assert right_last_digit(sums, answers).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]
    assert most_agree(sums, answers).tolist() == [[1, 0, 1, 0], [1, 1, 0, 0]]


def test_a_split_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no split 'dev': pass 'train' or 'test'"):
        two_digit_sums("dev")
