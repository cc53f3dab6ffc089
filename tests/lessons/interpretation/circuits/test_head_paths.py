"""A path is one head's words in another's ear: all else stays as it was."""

import pytest
import torch

from lessons.blocks import record
from lessons.interpretation import path_both_ways

HEADS = [(layer, head) for layer in range(3) for head in range(3)]
FEEDS = [f"layers.{layer}.feed_forward.hidden" for layer in range(3)]


@torch.no_grad()
def on_paper(model, pairs, sender, receiver, part, *, feeds):
    """Follow the difference by arithmetic: nothing is hooked but the receiver's own slice."""
    seen = []
    for ids in (pairs.clean, pairs.corrupted):
        with record(model) as values:
            model(ids)
        seen.append(dict(values))
    moved = []
    (layer, head), (later, ear) = sender, receiver
    for ids, own, other in ((pairs.corrupted, *seen[::-1]), (pairs.clean, *seen)):
        name = f"layers.{layer}.attention.mixed"
        matrix = model.layers[layer].attention.to_output.weight[:, 4 * head : 4 * head + 4]
        extra = (other[name][:, head] - own[name][:, head]) @ matrix.T
        stream = own[f"layers.{layer}.attended"] + extra
        for between in range(layer, later):
            block = model.layers[between]
            if between > layer:  # the other heads write what they wrote
                wrote = own[f"layers.{between}.attended"] - own[f"layers.{between - 1}.out"]
                stream = stream + wrote
            if feeds:
                stream = stream + block.feed_forward(block.feed_norm(stream))
            else:
                stream = stream + own[f"layers.{between}.out"] - own[f"layers.{between}.attended"]
        block = model.layers[later]
        heard = getattr(block.attention, f"to_{part}")(block.attention_norm(stream))
        heard = heard[..., 4 * ear : 4 * ear + 4]

        def told(module, inputs, value, heard=heard):
            value = value.clone()
            value[:, ear] = heard
            return value

        probe = model.get_submodule(f"layers.{later}.attention.{part}")
        with probe.register_forward_hook(told):
            after = pairs.margins(model, ids)
        moved.append(after - pairs.margins(model, ids))
    way = (pairs.margins(model, pairs.clean) - pairs.margins(model, pairs.corrupted)).mean()
    return moved[0] / way, -moved[1] / way


def check_path(path, model, pairs):
    for sender, receiver, part, feeds in (
        ((0, 1), (1, 2), "key", True),
        ((0, 0), (2, 1), "query", True),
        ((1, 1), (2, 0), "value", True),
        ((0, 1), (2, 2), "key", False),
    ):
        frozen = HEADS if feeds else HEADS + FEEDS
        found = path(model, pairs, sender, receiver, part=part, frozen=frozen)
        wanted = on_paper(model, pairs, sender, receiver, part, feeds=feeds)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_equals_arithmetic(model, pairs):
    check_path(path_both_ways, model, pairs)
    frozen = {"part": "key", "frozen": HEADS}
    through = path_both_ways(model, pairs, (0, 1), (1, 2), **frozen)
    assert through.restored.abs().max() > 1e-4


def with_other_heads_free(model, pairs, sender, receiver, *, part, frozen):
    frozen = [place for place in frozen if isinstance(place, str)]
    return path_both_ways(model, pairs, sender, receiver, part=part, frozen=frozen)


def with_feeds_free(model, pairs, sender, receiver, *, part, frozen):
    return path_both_ways(model, pairs, sender, receiver, part=part, frozen=HEADS)


def another_ear(model, pairs, sender, receiver, *, part, frozen):
    receiver = (receiver[0], (receiver[1] + 1) % 3)
    return path_both_ways(model, pairs, sender, receiver, part=part, frozen=frozen)


@pytest.mark.parametrize("broken", [with_other_heads_free, with_feeds_free, another_ear])
def test_broken_ones_are_noticed(model, pairs, broken):
    with pytest.raises(AssertionError):
        check_path(broken, model, pairs)


def test_paths_go_forward(model, pairs):
    for receiver in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="does not read after"):
            path_both_ways(model, pairs, (1, 1), receiver, part="key", frozen=[])
