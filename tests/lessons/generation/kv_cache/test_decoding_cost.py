"""What generation costs, counted by torch itself; and the clock around it."""

from itertools import count

import pytest
import torch
from hypothesis import given, strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.families import from_transformers
from lessons.generation import (
    Cached,
    Sizes,
    Uncached,
    cached_flops,
    in_turns,
    spread,
    step_flops,
    step_seconds,
    uncached_flops,
)
from support import few

SIZES = Sizes(layers=2, d_model=12, heads=3, d_ff=40, vocab=17)


def model():
    config = GPT2Config(vocab_size=17, n_embd=12, n_layer=2, n_head=3, n_inner=40, n_positions=32)
    return from_transformers(GPT2LMHeadModel(config).eval())


def counted(ours, session, prompt: int, new: int) -> int:
    ids = torch.randint(17, (1, prompt))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        running = session(ours, prompt + new)
        for _ in range(new):
            ids = running.advance(ids).argmax(-1, keepdim=True)
    return counter.get_total_flops()


@few
@given(prompt=st.integers(1, 12), new=st.integers(1, 6))
def test_formula_counts_what_torch_counts(prompt, new):
    ours = model()
    assert counted(ours, Cached, prompt, new) == cached_flops(prompt, new, SIZES)
    assert counted(ours, Uncached, prompt, new) == uncached_flops(prompt, new, SIZES)


@pytest.mark.parametrize("change", [{"d_ff": 41}, {"vocab": 18}, {"layers": 3}, {"d_model": 15}])
def test_other_sizes_do_not_fit(change):
    assert counted(model(), Cached, 5, 3) != cached_flops(5, 3, SIZES._replace(**change))


def test_the_cache_saves_nothing_for_one_token_and_much_for_many():
    assert cached_flops(9, 1, SIZES) == uncached_flops(9, 1, SIZES)
    saved = [uncached_flops(9, n, SIZES) / cached_flops(9, n, SIZES) for n in (1, 2, 8, 64)]
    assert saved == sorted(saved) and saved[-1] > 10


def test_prefill_costs_the_operations_of_as_many_steps_but_for_hidden_scores():
    body = SIZES._replace(vocab=0)
    steps = sum(step_flops(1, n, body) for n in range(1, 21))
    hidden = 2 * 4 * 12 * (20 * 20 - 20 * 21 // 2)  # of two layers; above the diagonal
    assert step_flops(20, 20, body) - steps == hidden


def test_the_weights_are_those_of_the_matrices():
    matrices = [p.numel() for p in model().parameters() if p.dim() == 2]
    assert SIZES.weights == sum(matrices) - 32 * 12  # the positions are only looked up


def test_steps_are_timed_one_by_one():
    ours, prompt = model(), torch.tensor([[1, 2, 3]])
    for session in (Cached, Uncached):
        ticks = count(0.0)
        seconds = step_seconds(ours, prompt, steps=4, session=session, clock=ticks.__next__)
        assert seconds == [1, 1, 1, 1]
        assert next(ticks) == 8
    with pytest.raises(ValueError, match="steps is 0"):
        step_seconds(ours, prompt, steps=0, session=Cached)


def test_runs_take_turns():
    order = []
    runs = {name: lambda name=name: order.append(name) or [1.0] for name in "ab"}
    in_turns(runs, repeats=3)
    assert "".join(order) == "ababab"


def test_spread_is_of_the_sums():
    repeats = [[1.0, 1.0, 8.0], [2.0, 3.0, 0.0], [0.0, 9.0, 0.0]]
    assert spread(repeats, steps=2) == (5.0, 2.0, 9.0)
    assert spread(repeats) == (9.0, 5.0, 10.0)


def test_bad_input():
    for new, keys in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="as many keys"):
            step_flops(new, keys, SIZES)
