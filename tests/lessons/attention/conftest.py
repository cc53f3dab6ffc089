"""What all the tests of the attention lessons share.

Every file here is built alike. A check is a function that takes an implementation; it runs
on the real one, where it must pass, and on broken ones ("mutants"), where it must fail. The
table `CATCHES` says which mutants each check has to catch, so no check goes without one.
"""

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Keep torch to one thread: for matrices this small, more of them only cost time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
