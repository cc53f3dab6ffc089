import copy
from functools import cache

import pytest
import torch

from lessons.alignment import learn_reward, open_playground


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


@pytest.fixture(scope="session")
def judge_of(reference, playground):
    """Train a reward model on the labels of a seed, once, however many tests ask it."""
    return cache(lambda seed: learn_reward(reference, playground, agreement=0.85, seed=seed))
