"""No policy passes the line, and the tilted ones stand on it."""

import pytest
import torch

from lessons.alignment import bernoulli_kl, frontier, tilted


def most_at(start: float, nats: float) -> float:
    """Return how high the line is at a distance."""
    before = max(point for point in frontier(start) if point[0] <= nats)
    after = min(point for point in frontier(start) if point[0] >= nats)
    return before[1] if before == after else max(before[1], after[1])


@pytest.mark.parametrize("start", [0.05, 0.44, 0.9])
def test_no_policy_passes_it(start):
    """Of answers with any probabilities and any new ones: the share of good ones stays below."""
    chance = torch.Generator().manual_seed(0)
    first = min(frontier(start))[0]
    for _ in range(200):
        good, bad = (torch.rand(3, generator=chance) for _ in range(2))
        old = torch.cat([start * good / good.sum(), (1 - start) * bad / bad.sum()]).double()
        new = (old.log() + 2 * torch.randn(6, generator=chance)).softmax(dim=0)
        apart, share = (new * (new / old).log()).sum().item(), new[:3].sum().item()
        assert apart < first or share <= most_at(start, apart) + 1e-9


@pytest.mark.parametrize("start", [0.05, 0.44, 0.9])
def test_the_best_policies_are_on_it(start):
    points = frontier(start)
    assert [share for _, share in points] == sorted(share for _, share in points)
    for beta in (0.1, 0.3, 0.5):
        share = tilted(start, beta=beta)
        if share < points[0][1]:
            continue
        nats = bernoulli_kl(share, start)
        below = max(one[1] for one in points if one[0] <= nats)
        assert below <= share <= most_at(start, nats)
        assert most_at(start, nats) - below < 0.03  # a line of half the reward would be told


@pytest.mark.parametrize(
    ("start", "farthest", "message"),
    [(0.5, 0.5, "pass 0.69 nats or more"), (1.0, 30.0, "pass chances"), (0.0, 30.0, "pass chan")],
)
def test_a_line_that_there_is_not_is_refused(start, farthest, message):
    with pytest.raises(ValueError, match=message):
        frontier(start, farthest=farthest)
