"""Soft targets and their losses: torch's own, the temperature's square, and what breaks them."""

import pytest
import torch
from torch import nn

from lessons.adaptation import cosine_loss, soft_loss, soft_targets
from support import same


def kl_by_torch(student, teacher, *, temperature):
    logs, targets = (student / temperature).log_softmax(-1), (teacher / temperature).softmax(-1)
    return temperature**2 * nn.functional.kl_div(logs, targets, reduction="batchmean")


def check_as_torch_s(loss):
    student, teacher = torch.randn(2, 6, 9, dtype=torch.float64)
    for temperature in (0.5, 1.0, 3.0):
        same(
            loss(student, teacher, temperature=temperature),
            kl_by_torch(student, teacher, temperature=temperature),
        )


def without_the_square(student, teacher, *, temperature):
    return soft_loss(student, teacher, temperature=temperature) / temperature**2


def wrong_way(student, teacher, *, temperature):
    return soft_loss(teacher, student, temperature=temperature)


def sharp_student(student, teacher, *, temperature):
    return soft_loss(student * temperature, teacher, temperature=temperature)


def test_as_torch_s():
    check_as_torch_s(soft_loss)


@pytest.mark.parametrize("broken", [without_the_square, wrong_way, sharp_student])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_as_torch_s(broken)


def gradient(student, teacher, temperature):
    student = student.clone().requires_grad_()
    soft_loss(student, teacher, temperature=temperature).backward()
    return student.grad


def test_at_a_high_temperature_the_gradient_is_the_difference_of_centered_logits():
    student, teacher = torch.randn(2, 5, 8, dtype=torch.float64)
    centered = [one - one.mean(dim=-1, keepdim=True) for one in (student, teacher)]
    limit = (centered[0] - centered[1]) / 8 / 5
    assert (gradient(student, teacher, 1e4) - limit).abs().max() < 1e-4


def test_the_teacher_is_not_taught():
    logits = torch.randn(2, 4, 5, requires_grad=True)
    soft_loss(logits[0].detach(), logits[1], temperature=2.0)
    student = torch.randn(4, 5, requires_grad=True)
    teacher = torch.randn(4, 5, requires_grad=True)
    (soft_loss(student, teacher, temperature=2.0) + cosine_loss(student, teacher)).backward()
    assert teacher.grad is None and student.grad.abs().sum() > 0


def test_cosine_as_torch_s():
    student, teacher = torch.randn(2, 7, 6, dtype=torch.float64)
    ones = torch.ones(7, dtype=torch.float64)
    same(cosine_loss(student, teacher), nn.CosineEmbeddingLoss()(student, teacher, ones))
    same(cosine_loss(3 * student, teacher), cosine_loss(student, teacher))


def test_they_refuse():
    with pytest.raises(ValueError, match="above 0"):
        soft_targets(torch.ones(2), temperature=0.0)
    with pytest.raises(ValueError, match="one at least"):
        soft_loss(torch.ones(0, 3), torch.ones(0, 3), temperature=1.0)
    with pytest.raises(ValueError, match="one at least"):
        cosine_loss(torch.ones(0, 3), torch.ones(0, 3))
