"""What the examples in docstrings share: the same draws, in whatever order they are run."""

import pytest
import torch


@pytest.fixture(autouse=True)
def the_same_draws() -> None:
    torch.manual_seed(0)
