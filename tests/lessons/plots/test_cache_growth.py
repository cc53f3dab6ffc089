"""What the figure of the cache counts is what the formulas count."""

from functools import partial

import pytest
import torch

from lessons.generation import Sizes, cached_flops, step_flops, uncached_flops
from lessons.plots import attention_map, cache_figure

SIZES = Sizes(layers=2, d_model=8, heads=4, d_ff=32, vocab=11)
TOKENS = ["tom", "thanks", "mary", "because", "she"]


def drawn(given: int, **changed):
    weights = torch.rand(2, 4, 5, 5, generator=torch.Generator().manual_seed(0)).tril()
    options = dict(layer=1, head=2, model="M", step=partial(step_flops, sizes=SIZES), kept=int)
    return weights, cache_figure(weights, TOKENS, given=given, **(options | changed))


@pytest.mark.parametrize("given", [1, 3, 5])
def test_operations_are_those_of_the_formulas(given):
    # That many steps were taken: the beginning's, and one for each token that was read later.
    steps = len(TOKENS) - given + 1
    _, figure = drawn(given)
    saved, full = (count(given, steps, SIZES) for count in (cached_flops, uncached_flops))
    assert f"{saved:,} with the cache, {full:,} without" in figure.alt
    assert f"{saved:,} with the cache, {full:,} without" in figure.svg
    assert (saved < full) == (given < 5)


def test_what_the_last_step_computes_is_framed():
    weights, figure = drawn(3)
    row = [(4, j) for j in range(5)]
    still = attention_map(weights[1, 2], TOKENS, title="M, layer 1, head 2", framed=row)
    assert figure.svg.startswith(still.svg)
    assert "true word" not in figure.alt
    weights, figure = drawn(5)  # all at once
    triangle = [(i, j) for i in range(5) for j in range(i + 1)]
    still = attention_map(weights[1, 2], TOKENS, title="M, layer 1, head 2", framed=triangle)
    assert figure.svg.startswith(still.svg)


def test_the_page_gets_the_costs_of_every_length():
    script, data = drawn(3)[1].live
    assert (script, data["given"], data["text"]) == ("cache-growth", 3, "tom thanks mary")
    assert len(data["costs"]) == len(data["bytes"]) == 24
    assert data["costs"][9] == (step_flops(1, 10, SIZES), step_flops(10, 10, SIZES))
    assert data["bytes"][9] == 10


def test_bad_input():
    with pytest.raises(ValueError, match="there is no head"):
        drawn(3, head=4)
    for given in (0, 6):
        with pytest.raises(ValueError, match=f"{given} of 5 tokens: pass a beginning of 1"):
            drawn(given)
