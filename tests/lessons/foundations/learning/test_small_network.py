"""Dropout: the mean stays, a share goes, answers are whole; and the network that has it."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from lessons.foundations import Dropout, drop, small_network, wilson_interval
from support import same


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def check_kept_numbers_are_enlarged(dropping):
    x = torch.randn(50, 40, dtype=torch.float64)
    found = dropping(x, 0.3, generator=chance())
    kept = found != 0
    same(found[kept], (x / 0.7)[kept])
    low, high = wilson_interval(int((~kept).sum()), x.numel(), z=3.89)
    assert low < 0.3 < high
    assert 0 < kept.double().mean(dim=0).std() and 0 < kept.double().mean(dim=1).std()


def not_enlarged(x, share, *, generator):
    return drop(x, share, generator=generator) * (1 - share)


def enlarged_by_the_share(x, share, *, generator):
    return drop(x, share, generator=generator) * (1 - share) / share


def share_that_is_kept(x, share, *, generator):
    return drop(x, 1 - share, generator=generator)


def whole_columns(x, share, *, generator):
    return drop(torch.ones_like(x[:1]), share, generator=generator) * x


def test_kept_numbers_are_enlarged():
    check_kept_numbers_are_enlarged(drop)


@pytest.mark.parametrize(
    "broken", [not_enlarged, enlarged_by_the_share, share_that_is_kept, whole_columns]
)
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_kept_numbers_are_enlarged(broken)


def test_the_mean_is_torch_s_and_the_number_s_own():
    x = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    for dropping in (lambda x: drop(x, 0.4), lambda x: functional.dropout(x, 0.4)):
        mean = dropping(x.expand(40_000, 3)).mean(dim=0)
        torch.testing.assert_close(mean, x, rtol=0.03, atol=0)


def test_nothing_is_dropped_where_the_share_is_zero_or_the_network_answers():
    x = torch.randn(20, 20)
    assert torch.equal(drop(x, 0.0), x)
    assert torch.equal(Dropout(0.9).eval()(x), x)
    assert not torch.equal(Dropout(0.9).train()(x), x)


def test_the_gradient_passes_where_the_number_did():
    x = torch.randn(30, requires_grad=True)
    found = drop(x, 0.5, generator=chance())
    (slopes,) = torch.autograd.grad(found.sum(), x)
    assert torch.equal(slopes, torch.where(found == 0, 0.0, 2.0))


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_it_refuses(share):
    with pytest.raises(ValueError, match="from 0 on and below 1"):
        drop(torch.ones(2), share)


def test_the_network():
    network = small_network(3, 5, share=0.5, seed=1).eval()
    first, _, _, second = network
    x = torch.randn(4, 3)
    assert torch.equal(network(x), second(torch.relu(first(x))))
    bare = small_network(3, 5, between=nn.Identity(), seed=1)
    assert torch.equal(bare[0].weight, first.weight)
    assert not torch.equal(small_network(3, 5, seed=2)[0].weight, first.weight)
