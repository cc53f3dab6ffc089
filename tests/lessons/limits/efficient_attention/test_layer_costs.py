"""A layer's costs are what torch counts, what a cache holds, and what traffic a head has."""

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lessons import families, generation
from lessons.attention import scaled_dot_product_attention
from lessons.families import Grouped
from lessons.limits import layer_costs, rows_that_fit, table_traffic, tile_traffic

LAYER = Grouped(heads=6, kv_heads=2, d_head=8)


def problems(costs: dict[str, list[int]], lengths: list[int]) -> list[str]:
    """Return which costs are not those of LAYER."""
    found = []
    rows = rows_that_fit(100_000, 8)
    for i, n in enumerate(lengths):
        q, k, v = torch.ones(3, 6, n, 8)
        with FlopCounterMode(display=False) as counter:
            scaled_dot_product_attention(q, k, v)
        expected = {
            "operations": counter.get_total_flops(),
            "moved, table": 6 * 2 * table_traffic(n, 8),
            "moved, tiles": 6 * 2 * tile_traffic(n, 8, rows=rows),
            "kept for later": generation.cache_bytes(
                n, layers=1, d_model=48, heads=6, kv_heads=2, bytes_per_number=2
            ),
        }
        found += [name for name in expected if costs[name][i] != expected[name]]
    return found


def test_costs_are_counted_in_other_ways():
    lengths = [1, 7, 40]
    assert problems(layer_costs(LAYER, lengths), lengths) == []


@pytest.mark.parametrize("wrong", [{"heads": 5}, {"kv_heads": 6}, {"d_head": 9}])
def test_another_layer_costs_something_else(wrong):
    assert problems(layer_costs(replace(LAYER, **wrong), [40]), [40])


def test_a_small_fast_memory_moves_more():
    small, large = (
        layer_costs(LAYER, [4096], fast_numbers=numbers)["moved, tiles"]
        for numbers in (1000, 100_000)
    )
    assert small > large


def test_real_layers_have_costs():
    layer = families.open_models()["Mixtral 8x7B"].layers[0][0]
    assert layer_costs(layer, [1000])["kept for later"] == [2 * 2 * 8 * 128 * 1000]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"window": 4}, "sees 4 tokens: pass one that sees all"),
        ({"d_value": 4}, "both have as many"),
    ],
)
def test_bad_input(changed, said):
    with pytest.raises(ValueError, match=said):
        layer_costs(replace(LAYER, **changed), [8])
