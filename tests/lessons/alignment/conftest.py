import copy

import pytest
import torch

from lessons.alignment import open_playground


@pytest.fixture(scope="session")
def opened(decoder):
    return open_playground(decoder)


@pytest.fixture(scope="session")
def playground(opened):
    return opened[0]


@pytest.fixture(scope="session")
def reference(opened):
    return opened[1]


@pytest.fixture(scope="session")
def moved(reference):
    """A policy that differs from the reference a little, everywhere."""
    policy, chance = copy.deepcopy(reference), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in policy.parameters():
            weights += 0.01 * torch.randn(weights.shape, generator=chance)
    return policy
