"""The recall task, three ways to look into a memory of pairs, and what the chapter claims."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.fit import fit
from lessons.limits import (
    Recaller,
    draw_recall,
    draw_recalls,
    linear_attention,
    positive_features,
    read_by_features,
    read_by_products,
    read_by_softmax,
    read_last,
    read_linearly,
    recall_loss,
    share_recalled,
)
from support import few, same


def random(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@few
@given(seed=st.integers(0, 99), pairs=st.integers(1, 64), last=st.sampled_from([None, 1, 5]))
def test_the_asked_name_is_there_once_with_its_thing(seed, pairs, last):
    text = draw_recall(torch.Generator().manual_seed(seed), pairs=pairs, texts=20, last=last)
    for names, things, asked, answer in zip(*(part.tolist() for part in text), strict=True):
        assert len(set(names)) == pairs and names.count(asked) == 1
        place = names.index(asked)
        assert things[place] == answer
        assert last is None or place >= pairs - last


@pytest.mark.parametrize("pairs", [0, 65])
def test_too_few_or_many_pairs_are_refused(pairs):
    with pytest.raises(ValueError, match="pass 1 to 64"):
        draw_recall(torch.Generator(), pairs=pairs)


def test_training_draws_all_numbers_of_pairs():
    generator = torch.Generator().manual_seed(0)
    counts = {draw_recalls(generator).names.shape[1] for _ in range(400)}
    assert counts == set(range(2, 49))


def test_five_ways_of_reading():
    query, key, value = random(2, 1, 3), random(2, 6, 3, seed=1), random(2, 6, 3, seed=2)
    same(read_last(6)(query, key, value), read_by_softmax(query, key, value))
    same(read_last(2)(query, key, value), read_by_softmax(query, key[:, 4:], value[:, 4:]))
    every = linear_attention(query.expand(2, 6, 3), key, value)
    same(read_linearly(query, key, value), every[:, -1:])
    products = (query * key).sum(dim=-1)[:, None]
    same(read_by_products(query, key, value), products @ value)
    alike = (positive_features(query) * positive_features(key)).sum(dim=-1)[:, None]
    same(read_by_features(query, key, value), alike @ value)
    same(read_by_features(query, key, value) / alike.sum(-1, keepdim=True), every[:, -1:])


def test_an_exact_memory_recalls_everything():
    """With the tables set by hand: one-hot names, a large scale, one-hot things."""
    model = Recaller(read_by_softmax, d_head=64)
    with torch.no_grad():
        model.query.weight.copy_(torch.eye(64) * 800)
        model.key.weight.copy_(torch.eye(64))
        model.value.weight.copy_(torch.eye(16, 64))
        model.answer.weight.copy_(torch.eye(16, 64))
    text = draw_recall(torch.Generator().manual_seed(0), pairs=64, texts=200)
    assert share_recalled(model, text) == 1.0
    assert share_recalled(model, text._replace(answer=(text.answer + 1) % 16)) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_the_chapter_claims_of_recall_holds_for_five_seeds(seed):
    right = {}
    for name, read in (
        ("softmax", read_by_softmax), ("window", read_last(8)), ("linear", read_linearly)
    ):  # fmt: skip
        model = Recaller(read, seed=seed)
        fit(model, draw_recalls, recall_loss, steps=300, learning_rate=0.03, seed=seed)
        for pairs, last in ((4, None), (32, None), (64, None), (48, 8)):
            text = draw_recall(torch.Generator().manual_seed(7), pairs=pairs, texts=1000, last=last)
            right[name, pairs] = share_recalled(model, text)
    assert min(right["softmax", pairs] for pairs in (4, 32, 64, 48)) > 0.97
    assert min(right["window", 4], right["window", 48]) > 0.95
    assert right["window", 32] < 0.4
    assert right["linear", 4] > 0.85 and right["linear", 32] < 0.6 and right["linear", 48] < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_limits_the_linear_one_holds_for_five_seeds(seed):
    """The trials of the chapter: width, training, denominator and features, and softmax's width."""

    def shares(read, width, steps=300):
        model = Recaller(read, d_head=width, seed=seed)
        fit(model, draw_recalls, recall_loss, steps=steps, learning_rate=0.03, seed=seed)
        return [share_recalled(model, text) for text in texts]

    texts = [draw_recall(torch.Generator().manual_seed(7), pairs=n, texts=1000) for n in (16, 64)]
    base, longer = shares(read_linearly, 16)[0], shares(read_linearly, 16, 1200)
    assert shares(read_linearly, 8)[0] < base - 0.1
    assert shares(read_linearly, 64)[0] < base + 0.2 < longer[0]
    assert shares(read_linearly, 32, 1200)[1] > longer[1] + 0.1
    assert shares(read_by_features, 16)[0] < base - 0.1
    bare = shares(read_by_products, 16)
    assert bare[0] > base + 0.2 and 0.6 < bare[1] < 0.85
    assert min(shares(read_by_products, 64)) > 0.9
    assert min(shares(read_by_softmax, 8)) > 0.97 and shares(read_by_softmax, 2)[0] < 0.3
