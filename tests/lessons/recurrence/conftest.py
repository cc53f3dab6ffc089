"""What the tests of recurrence share."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Keep torch to one thread: for networks this small, more of them only cost time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
