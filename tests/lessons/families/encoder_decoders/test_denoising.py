"""BART's five noises do what the paper says, each by itself."""

from collections import Counter

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.families import (
    delete_some,
    draw_infilling,
    infill,
    mask_some,
    permute_sentences,
    rotate,
)
from lessons.foundations import wilson_interval
from support import few

LONG = [f"w{number}" for number in range(20_000)]


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def is_near(hits, trials, share):
    low, high = wilson_interval(hits, trials, z=3.89)
    return low < share < high


def test_masking_keeps_the_length_and_the_places():
    spoiled = mask_some(LONG, generator=chance())
    assert len(spoiled) == len(LONG)
    assert all(new in (old, "<mask>") for new, old in zip(spoiled, LONG, strict=True))
    assert is_near(spoiled.count("<mask>"), len(LONG), 0.15)
    assert not is_near(mask_some(LONG, generator=chance(), share=0.2).count("<mask>"), 20_000, 0.15)


def test_deletion_keeps_the_order_and_leaves_no_trace():
    spoiled = delete_some(LONG, generator=chance())
    assert "<mask>" not in spoiled
    left = set(spoiled)
    assert spoiled == [word for word in LONG if word in left]
    assert is_near(len(LONG) - len(spoiled), len(LONG), 0.15)


def test_masking_and_deletion_hit_the_same_words_with_the_same_dice():
    masked, deleted = (noise(LONG, generator=chance(3)) for noise in (mask_some, delete_some))
    assert [word for word in masked if word != "<mask>"] == deleted


@pytest.mark.parametrize(
    ("spans", "spoiled"),
    [
        ([], "a b c d e"),
        ([(0, 5)], "<mask>"),
        ([(2, 2)], "a b <mask> c d e"),
        ([(0, 0), (5, 5)], "<mask> a b c d e <mask>"),
        ([(0, 1), (2, 4)], "<mask> b <mask> e"),
    ],
)
def test_infilling_by_hand(spans, spoiled):
    assert infill("a b c d e".split(), spans) == spoiled.split()


@few
@given(st.integers(1, 60), st.floats(0.05, 0.5), st.floats(0.2, 5), st.integers(0, 99))
def test_drawn_spans_can_be_filled(tokens, share, mean, seed):
    spans = draw_infilling(tokens, generator=chance(seed), share=share, mean=mean)
    text = LONG[:tokens]
    spoiled = infill(text, spans)  # raises where spans overlap or touch
    assert sum(end - begin for begin, end in spans) == round(share * tokens)
    assert spoiled.count("<mask>") == len(spans)
    kept = [word for word in spoiled if word != "<mask>"]
    covered = {place for begin, end in spans for place in range(begin, end)}
    assert kept == [word for place, word in enumerate(text) if place not in covered]


def lengths_drawn(mean=3.0):
    spans = draw_infilling(30_000, generator=chance(1), mean=mean)
    return [end - begin for begin, end in spans]


def check_poisson(lengths, mean=3.0):
    """Compare mean and variance, and the share of empty spans, with those of the distribution."""
    numbers = torch.tensor(lengths, dtype=torch.float64)
    error = (mean / len(lengths)) ** 0.5
    assert abs(numbers.mean() - mean) < 4 * error
    assert abs(numbers.var() - mean) < 0.2 * mean
    assert is_near(lengths.count(0), len(lengths), torch.tensor(-mean).exp().item())


@pytest.mark.parametrize("mean", [1.0, 3.0])
def test_lengths_are_poisson(mean):
    check_poisson(lengths_drawn(mean), mean)


@pytest.mark.parametrize(
    "lengths",
    [[3] * 3000, [0, 6] * 1500, [max(1, n) for n in lengths_drawn()], lengths_drawn(2.0)],
)
def test_other_lengths_are_noticed(lengths):
    with pytest.raises(AssertionError):
        check_poisson(lengths)


def test_spans_are_drawn_everywhere():
    begins = [span[0] for seed in range(60) for span in draw_infilling(20, generator=chance(seed))]
    assert min(begins) == 0 and max(begins) > 15 and len(set(begins)) > 14


def test_permutation_is_even():
    sentences = ["A.", "B.", "C."]
    generator = chance()
    orders = Counter(tuple(permute_sentences(sentences, generator=generator)) for _ in range(1200))
    assert len(orders) == 6 and all(sorted(order) == sentences for order in orders)
    assert all(is_near(count, 1200, 1 / 6) for count in orders.values())


@few
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8), st.data())
def test_rotation(tokens, data):
    start = data.draw(st.integers(0, len(tokens) - 1))
    turned = rotate(tokens, start)
    assert turned[0] == tokens[start]
    assert rotate(turned, (len(tokens) - start) % len(tokens)) == tokens


@pytest.mark.parametrize(
    "spans", [[(1, 0)], [(0, 6)], [(0, 2), (2, 3)], [(3, 4), (0, 1)], [(-1, 1)]]
)
def test_bad_spans(spans):
    with pytest.raises(ValueError, match="pass spans from left to right"):
        infill(list("abcde"), spans)


def test_bad_input():
    for noise in (mask_some, delete_some):
        with pytest.raises(ValueError, match="from 0 to 1"):
            noise(["a"], generator=chance(), share=1.5)
    for options in ({"tokens": 0}, {"share": 0.6}, {"share": 0.0}, {"mean": 0.0}):
        with pytest.raises(ValueError, match="pass at least 1 token"):
            draw_infilling(generator=chance(), **{"tokens": 5} | options)
    for start in (-1, 2):
        with pytest.raises(ValueError, match="one of the 2 tokens"):
            rotate(["a", "b"], start)
