"""Patching in both directions is what hooks by hand do, and its maps are made of it."""

import inspect
from contextlib import ExitStack

import pytest
import torch

from lessons.blocks import Probe
from lessons.interpretation import BothWays, both_ways, patching_map
from lessons.interpretation.circuits import both_ways as home

PLACES = ["embedded", "layers.1.out", (0, 1), (2, 2)]
FEED = "layers.1.feed_forward.hidden"


def margin(model, ids, pairs):
    logits = model(ids)[:, -1]
    rows = zip(logits, pairs.right.tolist(), pairs.wrong.tolist(), strict=True)
    return torch.stack([row[right] - row[wrong] for row, right, wrong in rows])


def catch(model, place, change):
    """Hook one place by hand: a probe's output, or a slice of what a projection reads."""
    if isinstance(place, str):
        return model.get_submodule(place).register_forward_hook(lambda part, x, y: change(y))
    layer, head = place

    def hook(part, inputs):
        mixed = inputs[0].clone()
        at = slice(4 * head, 4 * head + 4)
        mixed[..., at] = change(mixed[..., at])
        return (mixed,)

    return model.layers[layer].attention.to_output.register_forward_pre_hook(hook)


@torch.no_grad()
def by_hand(model, pairs, places, *, tokens=None, frozen=(), far=1.0):
    held, margins = {}, {}
    for side in ("clean", "corrupted"):
        held[side] = {}
        with ExitStack() as hooks:
            for place in {*places, *frozen}:

                def keep(value, side=side, place=place):
                    held[side][place] = value.clone()
                    return value

                hooks.enter_context(catch(model, place, keep))
            margins[side] = margin(model, getattr(pairs, side), pairs)
    moved = {}
    for own, other in (("corrupted", "clean"), ("clean", "corrupted")):
        with ExitStack() as hooks:
            for place in places:

                def put(value, place=place, own=own, other=other):
                    value = value.clone()
                    for token in range(value.shape[1]) if tokens is None else tokens:
                        step = held[other][place][:, token] - held[own][place][:, token]
                        value[:, token] = held[own][place][:, token] + far * step
                    return value

                hooks.enter_context(catch(model, place, put))
            for place in set(frozen) - set(places):
                stay = held[own][place]
                hooks.enter_context(catch(model, place, lambda value, stay=stay: stay))
            moved[own] = margin(model, getattr(pairs, own), pairs) - margins[own]
    way = margins["clean"].mean() - margins["corrupted"].mean()
    return BothWays(moved["corrupted"] / way, -moved["clean"] / way)


CASES = [
    {"places": PLACES[:1]},
    {"places": PLACES[1:3]},
    {"places": PLACES[2:], "tokens": [1, 4]},
    {"places": PLACES[2:3], "frozen": [FEED, (1, 0), (1, 2)]},
    {"places": PLACES[3:], "frozen": PLACES[2:]},
    {"places": PLACES[:1], "tokens": [1], "far": 0.3},
]


def check_equals_hooks_by_hand(both, model, pairs):
    for case in CASES:
        found, wanted = both(model, pairs, **case), by_hand(model, pairs, **case)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_equals_hooks_by_hand(model, pairs):
    check_equals_hooks_by_hand(both_ways, model, pairs)
    assert by_hand(model, pairs, [(0, 1)]).restored.abs().max() > 1e-3


BROKEN = {
    "directions exchanged": ("BothWays(change(", "BothWays(*[change("),
    "nothing frozen": ("for place in frozen if place not in put", "for place in ()"),
    "all tokens": ("tokens=tokens", "tokens=None"),
    "all the way": ("held[place], far)", "held[place], 1.0)"),
    "way of each pair": ("(clean.margins - corrupted.margins).mean()", "clean.margins"),
    "own values": ("other.held[place], far", "own.held[place], far"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_ones_are_noticed(model, pairs, name):
    before, after = BROKEN[name]
    source = inspect.getsource(home)
    assert source.count(before) == 1
    source = source.replace(before, after)
    if name == "directions exchanged":
        source = source.replace("(clean, corrupted) / way)", "(clean, corrupted) / way][::-1])")
    broken = {"__name__": "broken"}
    exec(compile(source, "broken", "exec"), broken)
    with pytest.raises(AssertionError):
        check_equals_hooks_by_hand(broken["both_ways"], model, pairs)


def test_a_map_is_made_of_single_places_and_tokens(model, pairs):
    found = patching_map(model, pairs, PLACES[:2])
    for row, place in enumerate(PLACES[:2]):
        for token in range(5):
            one = by_hand(model, pairs, [place], tokens=[token])
            assert abs(found.restored[row, token] - one.restored.mean()) < 1e-10
            assert abs(found.broken[row, token] - one.broken.mean()) < 1e-10
    # Only one word differs, so all that can be exchanged before the first layer is this one.
    assert found.restored[0].round(decimals=9).tolist() == [0, 1, 0, 0, 0]


def test_who_says_the_same_suffices_and_is_not_needed(pairs):
    """Two parts of which the larger counts: either brings the answer, neither is missed."""

    class Either(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = Probe(), Probe()

        def forward(self, ids):
            says = (ids == pairs.clean[0, 1]).any(dim=1).double()
            larger = torch.maximum(self.one(says[:, None]), self.two(says[:, None]))
            logits = torch.zeros(len(ids), 1, 20, dtype=torch.float64)
            logits[:, 0, pairs.right[0]] = larger[:, 0]
            return logits

    one = type(pairs)(*(part[:1] for part in pairs))
    model = Either()
    alone, both = (both_ways(model, one, some) for some in (["one"], ["one", "two"]))
    assert (alone.restored.item(), alone.broken.item()) == (1, 0)
    assert (both.restored.item(), both.broken.item()) == (1, 1)
