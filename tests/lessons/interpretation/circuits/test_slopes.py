"""Slopes are those of finite differences, and attribution is exact where all is straight."""

import pytest
import torch
from torch import nn

from lessons.blocks import Probe
from lessons.interpretation import Pairs, attributed, both_ways, edit_sites, record_sites, slopes

PLACES = ["embedded", (1, 2)]


def differences(model, measure, held, place, step=1e-6):
    """Nudge each number of one text alone, up and down."""
    found = torch.zeros_like(held[place][0])
    for index in range(found.numel()):
        nudge = torch.zeros_like(held[place])
        nudge[0].view(-1)[index] = step
        ends = []
        for sign in (1, -1):
            with torch.no_grad(), edit_sites(model, {place: lambda x, by=sign * nudge: x + by}):
                ends.append(measure().sum())
        found.view(-1)[index] = (ends[0] - ends[1]) / (2 * step)
    return found


def test_slopes_are_finite_differences(model, pairs):
    with record_sites(model, PLACES) as held, torch.no_grad():
        model(pairs.clean)

    def measure():
        return pairs.margins(model, pairs.clean)

    found = slopes(model, measure, held)
    for place in PLACES:
        wanted = differences(model, measure, held, place)
        torch.testing.assert_close(found[place][0], wanted, atol=1e-6, rtol=1e-5)
        assert wanted.abs().max() > 1e-2
    assert all(parameter.grad is None for parameter in model.parameters())


def check_attribution(estimate, model, pairs):
    """Small exchanges do what slopes say; `both_ways` goes a thousandth of the way."""
    for place in PLACES:
        found = estimate(model, pairs, [place])[place]
        real = both_ways(model, pairs, [place], far=1e-4)
        torch.testing.assert_close(
            found.restored.sum(1), real.restored / 1e-4, atol=1e-3, rtol=5e-3
        )
        torch.testing.assert_close(found.broken.sum(1), real.broken / 1e-4, atol=1e-3, rtol=5e-3)


def test_small_exchanges_do_what_slopes_say(model, pairs):
    check_attribution(attributed, model, pairs)


def at_the_other_run(model, pairs, places):
    ways = attributed(model, pairs, places)
    return {place: type(of)(of.broken, of.restored) for place, of in ways.items()}


def without_differences(model, pairs, places):
    """Slopes alone, as saliency maps show them."""
    ways = {}
    for place in places:
        with record_sites(model, [place]) as held, torch.no_grad():
            pairs.margins(model, pairs.corrupted)
        of = slopes(model, lambda: pairs.margins(model, pairs.corrupted), dict(held))[place]
        one = attributed(model, pairs, [place])[place]
        ways[place] = type(one)(of.sum(dim=-1), one.broken)
    return ways


@pytest.mark.parametrize("broken", [at_the_other_run, without_differences])
def test_broken_ones_are_noticed(model, pairs, broken):
    with pytest.raises(AssertionError):
        check_attribution(broken, model, pairs)


def test_is_exact_where_all_is_straight(pairs):
    class Straight(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.seen = nn.Embedding(20, 6).double(), Probe()
            self.out = nn.Linear(6, 20).double()

        def forward(self, ids):
            return self.out(self.seen(self.embed(ids)).cumsum(dim=1))

    model = Straight()
    found, real = attributed(model, pairs, ["seen"])["seen"], both_ways(model, pairs, ["seen"])
    torch.testing.assert_close(found.restored.sum(1), real.restored, atol=1e-10, rtol=1e-10)
    torch.testing.assert_close(found.broken.sum(1), real.broken, atol=1e-10, rtol=1e-10)
    assert isinstance(pairs, Pairs) and found.restored.shape == (4, 5)
