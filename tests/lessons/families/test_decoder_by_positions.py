"""The small decoder is a decoder, and each way to tell it the order does tell it."""

import pytest
import torch

from lessons.families import placed_anew, placed_decoder, turned
from lessons.generation import KeyValueCache
from lessons.positions import (
    Alibi,
    LearnedPositions,
    RelativeBias,
    Rotary,
    ScaledRotary,
    SinusoidalPositions,
    interpolated,
    rotary_frequencies,
)
from support import same

WAYS = {
    "none": dict,
    "sinusoidal": lambda: {"positions": SinusoidalPositions()},
    "learned": lambda: {"positions": LearnedPositions(9, 32)},
    "T5": lambda: {"bias": RelativeBias(4, buckets=8, max_distance=8, causal=True)},
    "ALiBi": lambda: {"bias": Alibi(4)},
    "rotary": lambda: {"place": Rotary()},
}


def built(way, layers=2):
    torch.manual_seed(0)
    return placed_decoder(12, layers=layers, **WAYS[way]()).double().eval()


IDS = torch.tensor([[3, 1, 4, 1, 5, 9, 2]])


@pytest.mark.parametrize("way", WAYS)
def test_the_future_is_hidden(way):
    model = built(way)
    changed = IDS.clone()
    changed[:, 4:] = 7
    same(model(changed)[:, :4], model(IDS)[:, :4])


@pytest.mark.parametrize("way", WAYS)
def test_one_layer_knows_the_order_unless_it_is_not_told(way):
    """The last token of one layer reads a set, unless its positions make it a sequence."""
    model = built(way, layers=1)
    order = torch.tensor([3, 0, 5, 4, 1, 2, 6])
    shuffled, straight = model(IDS[:, order])[:, -1], model(IDS)[:, -1]
    assert torch.allclose(shuffled, straight, atol=1e-9) == (way == "none")


def test_two_masked_layers_know_something_of_the_order_untold():
    model = built("none", layers=2)
    order = torch.tensor([3, 0, 5, 4, 1, 2, 6])
    assert not torch.allclose(model(IDS[:, order])[:, -1], model(IDS)[:, -1], atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_it_continues_where_a_cache_ends(way):
    model = built(way)
    caches = [KeyValueCache(9) for _ in model.layers]
    first = model(IDS[:, :4], caches=caches)
    then = model(IDS[:, 4:], caches=caches)
    same(torch.cat([first, then], dim=1), model(IDS))


def test_t5s_bias_is_shared_by_the_layers():
    model = built("T5")
    assert model.layers[0].bias is model.layers[1].bias
    assert sum("bias.table" in name for name, _ in model.named_parameters()) == 1


def test_placed_anew_leaves_the_model_alone():
    model = built("rotary")
    before = model(IDS)
    slow = placed_anew(model, ScaledRotary(interpolated(rotary_frequencies(8), 8)))
    assert not torch.allclose(slow(IDS), before, atol=1e-6)
    with torch.no_grad():
        for parameter in slow.parameters():
            parameter.zero_()
    same(model(IDS), before)
    back = placed_anew(placed_anew(model, Rotary(base=3.0)), Rotary())
    same(back(IDS), before)


@pytest.mark.parametrize("way", ["rotary", "none"])
def test_a_model_turned_for_a_while_is_as_before_afterwards(way):
    model, other = built(way), Rotary(base=3.0)
    before = model(IDS)
    with turned(model, other) as same_one:
        assert same_one is model
        same(model(IDS), placed_anew(built("rotary"), other)(IDS))
        assert not torch.allclose(model(IDS), before, atol=1e-6)
    same(model(IDS), before)
    with pytest.raises(ZeroDivisionError), turned(model, other):
        raise ZeroDivisionError
    same(model(IDS), before)
