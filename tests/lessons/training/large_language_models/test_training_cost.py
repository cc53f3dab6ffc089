"""The rule of six, against torch's counter; bytes, against what autograd really keeps."""

import pytest
import torch
from torch import nn

from lessons.families import small_decoder
from lessons.training import (
    activation_bytes,
    bytes_by_part,
    counted_flops,
    energy_mwh,
    multiplied,
    training_flops,
)

IDS = torch.zeros(4, 8, dtype=torch.long)


def ratio(d_model, tokens=8, layers=2):
    model = small_decoder(50, positions=tokens, d_model=d_model, layers=layers)
    ids = torch.zeros(4, tokens, dtype=torch.long)
    return counted_flops(model, ids) / training_flops(multiplied(model), ids.numel())


def test_six_for_each_parameter_and_token_the_better_the_wider_the_model():
    wide, narrow = ratio(256), ratio(16)
    assert abs(wide - 1) < 0.002 < abs(narrow - 1)


def test_longer_texts_cost_more_than_the_rule_says():
    """Comparing and mixing grow with the length, and have no parameters."""
    assert ratio(64, tokens=512) > ratio(64, tokens=128) > 1.1 * ratio(64, tokens=8)


@pytest.mark.parametrize("tokens", [8, 64])
def test_what_no_parameter_does_is_the_rest(tokens):
    """Comparing and mixing: 12 n d operations for each layer and token, the way back included."""
    model = small_decoder(50, positions=tokens, d_model=64, layers=2)
    tables = (50 + tokens) * 64
    matrices = sum(one.numel() for one in model.parameters() if one.dim() > 1) - tables
    ids = torch.zeros(4, tokens, dtype=torch.long)
    each = 6 * matrices + 12 * 2 * tokens * 64
    assert counted_flops(model, ids) == each * ids.numel()


def test_a_table_is_multiplied_only_where_it_serves_the_exit():
    untied = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 10, bias=False))
    assert multiplied(untied) == 40
    untied[1].weight = untied[0].weight
    assert multiplied(untied) == 40
    assert multiplied(nn.Sequential(nn.Embedding(10, 4))) == 0


def test_state_is_sixteen_bytes_a_parameter():
    parts = bytes_by_part(1000)
    assert sum(parts.values()) == 16_000
    assert parts["weights"] + parts["gradients"] == 4_000


def test_activations_are_what_autograd_keeps():
    """By hand: Linear keeps its input, tanh its output; the weights do not count."""
    model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    x = torch.zeros(7, 6, requires_grad=True)
    assert activation_bytes(model, x) == 4 * (7 * 6 + 7 * 5)


def test_activations_grow_with_the_rows_and_state_does_not():
    model = small_decoder(50, positions=8)
    few, many = activation_bytes(model, IDS), activation_bytes(model, IDS.repeat(3, 1))
    assert 2.8 * few < many <= 3 * few


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_shapes_alone_are_enough(device):
    with torch.device(device):
        model = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 4), nn.GELU())
        ids = torch.zeros(1, 3, dtype=torch.long)
    assert activation_bytes(model, ids) == 120


def test_the_published_energy_of_a_known_training():
    """Patterson et al.: GPT-3, 3.14e23 operations, 24.6 TFLOP/s and 330 W a device, 1,287 MWh."""
    known = {"flops_per_second": 24.6e12, "watts": 330, "overhead": 1.1}
    assert round(energy_mwh(3.14e23, **known)) == 1287
    for change in ({"watts": 0}, {"overhead": 0.9}, {"flops_per_second": -1.0}):
        with pytest.raises(ValueError, match="pass positive operations"):
            energy_mwh(1.0, **{**known, **change})
