"""All weights' change, cut to a low rank: the chapter's finding on four more seeds."""

from functools import partial

import pytest
import torch
from torch import nn

from lessons.adaptation import (
    block_matrices,
    color_last,
    cut_change,
    dialect,
    draw_change,
    exchange_words,
    frequent_pairs,
    labeled_loss,
    learn,
)
from lessons.families import from_transformers
from lessons.models import load


def check_cut(cut):
    base, model = (nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 2)) for _ in range(2))
    change = draw_change(6, 3, generator=torch.Generator().manual_seed(0))
    model[0].weight.data = base[0].weight.data + change
    before = model[0].weight.clone()
    for rank in range(5):
        found = cut(model, base, ["0"], rank=rank)
        left = before - found[0].weight
        assert abs(left.square().sum() - max(0, 3 - rank) / 3) < 1e-5
        assert torch.equal(found[1].weight, model[1].weight)  # is not named
    assert torch.equal(cut(model, base, ["0"], rank=0)[0].weight, base[0].weight)
    assert torch.equal(model[0].weight, before)


def test_the_rest_of_the_change_is_left_out():
    check_cut(cut_change)


def from_zero(model, base, names, *, rank):
    """Cuts the matrix, and not its change."""
    nothing = nn.Sequential(*(nn.Linear(*one.weight.T.shape) for one in base))
    for one in nothing:
        one.weight.data.zero_()
    return cut_change(model, nothing, names, rank=rank)


def one_more(model, base, names, *, rank):
    return cut_change(model, base, names, rank=rank + 1)


@pytest.mark.parametrize("broken", [from_zero, one_more])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_cut(broken)


def test_it_refuses():
    model = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="pass 0 or more"):
        cut_change(model, model, ["0"], rank=-1)
    with pytest.raises(ValueError, match="no linear layer is named 'top'"):
        cut_change(model, model, ["top"], rank=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_rank_one_keeps_most_of_what_all_weights_learned(seed):
    found = load("decoder", source="book")
    base, ids = from_transformers(found.model), found.tokenizer.get_vocab()
    changes = {"colors": color_last, "pairs": partial(exchange_words, pairs=frequent_pairs(8))}
    matrices = []
    for name, change in changes.items():
        spoken = dialect(ids, change)
        model, ended = learn(base, spoken, rank=None, seed=seed)
        with torch.no_grad():
            start = labeled_loss(base, spoken.test).item()
            kept = {}
            for rank in (0, 1):
                cut = cut_change(model, base, block_matrices(base), rank=rank)
                kept[rank] = (start - labeled_loss(cut, spoken.test).item()) / (start - ended)
        print(seed, name, kept)
        assert kept[0] + 0.2 < kept[1] > 0.6
        matrices.append((kept[1] - kept[0]) / (1 - kept[0]))
    assert min(matrices) > 0.45
