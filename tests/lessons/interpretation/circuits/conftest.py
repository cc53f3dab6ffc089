"""A small random GPT-2 in float64, our own, and pairs of random texts."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.families import from_transformers
from lessons.interpretation import Pairs


@pytest.fixture
def model(prepared):
    config = GPT2Config(vocab_size=20, n_embd=12, n_layer=3, n_head=3, n_positions=8)
    return from_transformers(prepared(GPT2LMHeadModel(config))).eval()


@pytest.fixture
def pairs():
    chance = torch.Generator().manual_seed(1)
    clean = torch.randint(20, (4, 5), generator=chance)
    corrupted = clean.clone()
    corrupted[:, 1] = (clean[:, 1] + 3) % 20
    right = torch.randint(10, (4,), generator=chance)
    return Pairs(clean, corrupted, right, right + 7)
