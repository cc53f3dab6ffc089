"""Adapters taken off, put on, refused on another base, and served side by side."""

import copy

import pytest
import torch

from lessons.adaptation import (
    Shelf,
    adapt,
    adapted_layers,
    put_on,
    replace_module,
    take_adapter,
    updates_by_row,
)
from lessons.families import small_decoder
from support import same

NAMES = ("to_query", "to_output")
IDS = torch.randint(20, (4, 6), generator=torch.Generator().manual_seed(1))


def tuned(seed):
    model = adapt(small_decoder(20, positions=8), NAMES, rank=2, alpha=4.0, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    for layer in adapted_layers(model).values():
        layer.up.data = torch.randn(layer.up.shape, generator=generator)
    return model


def test_taken_off_and_put_on_a_fresh_base():
    model = tuned(0)
    adapter = take_adapter(model)
    assert all("base" not in name for name in adapter.tensors)
    assert adapter.size == 4 * sum(one.numel() for one in adapter.tensors.values())
    assert torch.equal(put_on(small_decoder(20, positions=8), adapter)(IDS), model(IDS))
    assert torch.equal(put_on(tuned(1), adapter)(IDS), model(IDS))  # exchanged
    model.layers[0].attention.to_query.up.data.zero_()
    assert adapter.tensors["layers.0.attention.to_query.up"].any()  # a copy


def test_an_adapter_for_another_base_is_refused():
    adapter = take_adapter(tuned(0))
    base = small_decoder(20, positions=8)
    base.layers[0].attention.to_query.weight.data[0, 0] += 1e-6
    with pytest.raises(ValueError, match="not those that this adapter was learned for"):
        put_on(base, adapter)
    smaller = small_decoder(20, positions=8)
    del smaller.layers[-1]
    with pytest.raises(ValueError, match=r"no layer .* another base"):
        put_on(smaller, adapter)
    other = small_decoder(20, positions=8)
    other.unembed.weight.data += 1  # not what the adapter stands beside
    other.embed.tokens.weight.data.zero_()
    put_on(other, adapter)


def check_by_row(update):
    x = torch.randn(3, 2, 4)
    downs, ups = torch.randn(2, 1, 4), torch.randn(2, 5, 1)
    chosen = torch.tensor([1, 0, 1])
    expected = torch.stack(
        [x[row] @ downs[at].T @ ups[at].T for row, at in enumerate(chosen.tolist())]
    )
    assert torch.allclose(update(x, downs, ups, chosen), expected, atol=1e-6)


def test_each_text_has_its_own():
    check_by_row(updates_by_row)
    with pytest.raises(AssertionError):
        check_by_row(lambda x, downs, ups, chosen: updates_by_row(x, downs, ups, 1 - chosen))
    with pytest.raises(AssertionError):
        check_by_row(lambda x, downs, ups, chosen: x @ downs.sum(0).T @ ups.sum(0).T)


def test_a_shelf_serves_each_text_as_its_model_would():
    both, chosen = [tuned(0), tuned(1)], []
    model = copy.deepcopy(both[0])
    for name, layer in adapted_layers(model).items():
        updates = [adapted_layers(one)[name] for one in both]
        replace_module(model, name, Shelf(layer.base, updates, chosen))
    chosen[:] = [0, 1, 1, 0]
    said = model(IDS)
    for row, at in enumerate(chosen):
        assert torch.allclose(said[row], both[at](IDS[row : row + 1])[0], atol=1e-5)
    assert (said[0] - both[1](IDS[:1])[0]).abs().max() > 0.1
    chosen[:] = [0, 1]
    with pytest.raises(ValueError, match="2 choices for 4 texts"):
        model(IDS)
    same(model.layers[0].attention.to_query.base.weight, layer_of(both[0]).base.weight)


def layer_of(model):
    return model.layers[0].attention.to_query
