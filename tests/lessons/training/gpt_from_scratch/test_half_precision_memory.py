"""What half precision saves of what a step keeps for its way back: far less than half, here."""

import pytest
import torch

from lessons.families import next_token_loss, small_decoder
from lessons.training import activation_bytes


class Scored(torch.nn.Module):
    """A model with its loss, which keeps the logits' softmax for the way back."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids):
        return next_token_loss(self.model, ids)


def share(model, ids, dtype):
    whole = activation_bytes(model, ids)
    with torch.autocast("cpu", dtype=dtype):
        return activation_bytes(model, ids) / whole


@pytest.mark.parametrize(
    ("rows", "length", "sizes"),
    [(8, 32, {"d_model": 32, "layers": 2}), (16, 64, {"d_model": 64, "layers": 2})],
)
def test_the_chapters_models_save_less_than_a_fifth(rows, length, sizes):
    model = Scored(small_decoder(320, positions=length, **sizes))
    ids = torch.ones(rows, length).long()
    assert 0.8 < share(model, ids, torch.bfloat16) < 0.95


def test_products_of_matrices_alone_would_save_half():
    """So the measure can see a half."""
    layers = torch.nn.Sequential(*[torch.nn.Linear(16, 16, bias=False) for _ in range(9)])
    rows = torch.ones(4096, 16).bfloat16().float()
    assert share(layers, rows, torch.bfloat16) == pytest.approx(0.5, abs=0.01)
