"""The gated delta rule against transformers' Qwen3-Next, and against what it must not do."""

import pytest
import torch
from hypothesis import given, strategies as st
from transformers.models.qwen3_next.modeling_qwen3_next import torch_recurrent_gated_delta_rule

from lessons.families import adding_step, delta_recurrence, delta_step
from support import few, same


def drawn(tokens, seed, heads=3, d_head=4, d_value=5):
    """Return queries, keys of length 1, values, and the two gates, in float64."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*size):
        return torch.randn(2, heads, tokens, *size, generator=generator, dtype=torch.float64)

    query, key = (torch.nn.functional.normalize(draw(d_head), dim=-1) for _ in range(2))
    return query, key, draw(d_value), draw().sigmoid(), draw().sigmoid()


@given(st.integers(1, 6), st.integers(0, 100))
@few
def test_transformers_rule_is_the_same(tokens, seed):
    query, key, value, keep, rate = drawn(tokens, seed)
    theirs, _ = torch_recurrent_gated_delta_rule(
        *(one.transpose(1, 2) for one in (query, key, value, keep.log(), rate)),
        initial_state=None,
        output_final_state=False,
    )  # it divides queries by the root of d_head, and works in float32
    ours = delta_recurrence(query / 2, key, value, keep=keep, rate=rate)
    same(ours.float(), theirs.transpose(1, 2).float(), atol=1e-5)


def check_written_over(step):
    """After two values under one key, the second is read; and other keys keep theirs."""
    keys = torch.eye(3, dtype=torch.float64)
    values = torch.randn(4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    state = torch.zeros(3, 2, dtype=torch.float64)
    for place, value in zip((0, 1, 2, 0), values, strict=True):
        state = step(state, keys[place], value)
    same(state, values[[3, 1, 2]])


def test_the_delta_rule_writes_over():
    one = torch.ones((), dtype=torch.float64)
    check_written_over(lambda *pair: delta_step(*pair, keep=one, rate=one))
    with pytest.raises(AssertionError):
        check_written_over(adding_step)
    with pytest.raises(AssertionError):
        check_written_over(lambda *pair: delta_step(*pair, keep=one, rate=one / 2))


def test_a_gate_of_zero_forgets_all_and_a_rate_of_zero_writes_nothing():
    _, key, value, _, _ = drawn(1, 0)
    state, nothing = torch.ones(2, 3, 4, 5).double(), torch.zeros(2, 3).double()
    first = key[..., 0, :], value[..., 0, :]
    same(delta_step(state, *first, keep=nothing + 1, rate=nothing), state)
    same(
        delta_step(state, *first, keep=nothing, rate=nothing + 1),
        adding_step(torch.zeros_like(state), *first),
    )


def test_by_hand():
    key, value, half = torch.ones(1), torch.tensor([4.0]), torch.tensor(0.5)
    first = delta_step(torch.zeros(1, 1), key, value, keep=2 * half, rate=half)
    assert first.item() == 2.0  # half of what is missing
    assert delta_step(first, key, value, keep=2 * half, rate=half).item() == 3.0
    assert delta_step(first, key, value, keep=half, rate=half).item() == 2.5  # faded to 1 before
