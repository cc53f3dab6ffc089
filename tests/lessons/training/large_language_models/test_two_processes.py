"""Two real processes hold one gradient, that of one process with all rows, and they end."""

import multiprocessing
import sys

import pytest
import torch

from lessons.families import next_token_loss, small_decoder
from lessons.training import farthest, gradients_of_processes
from lessons.training.large_language_models.two_processes import _run

OPTIONS = {"vocab": 20, "positions": 8, "d_model": 8, "layers": 1, "heads": 2}
ROWS = torch.randint(20, (6, 8), generator=torch.Generator().manual_seed(0))


def alone(rows):
    model = small_decoder(**OPTIONS).double()
    next_token_loss(model, rows).backward()
    return {name: one.grad for name, one in model.named_parameters()}


def test_two_processes_hold_the_gradient_of_one():
    first, second = gradients_of_processes(OPTIONS, ROWS)
    assert farthest(first, second) == 0
    assert farthest(first, alone(ROWS)) < 1e-12
    assert farthest(first, alone(ROWS[:3])) > 1e-3  # neither holds that of its own rows


def test_rows_that_cannot_be_dealt_out_are_refused():
    with pytest.raises(ValueError, match="5 rows for 2 processes"):
        gradients_of_processes(OPTIONS, ROWS[:5])


def test_a_process_that_fails_is_told_and_one_that_hangs_is_ended():
    fails = [sys.executable, "-c", "raise SystemExit('no room left')"]
    with pytest.raises(RuntimeError, match="no room left"):
        _run([fails], limit=30)
    hangs = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(TimeoutError, match=r"after 0\.5 s"):
        _run([hangs, hangs], limit=0.5)
    assert multiprocessing.active_children() == []
