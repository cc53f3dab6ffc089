"""What the examples in docstrings share: the same draws and digits, whatever ran before them."""

import pytest
import torch


@pytest.fixture(autouse=True)
def the_same_draws_and_digits() -> None:
    torch.manual_seed(0)
    torch.set_printoptions(profile="default")
