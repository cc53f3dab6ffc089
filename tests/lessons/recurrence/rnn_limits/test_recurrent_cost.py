import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lessons.recurrence import (
    GRUCell,
    LSTMCell,
    RNNCell,
    convolutions_between,
    longest_chain,
    recurrent_flops,
    scan,
    state_bytes,
    step_by_step,
    unroll,
)
from support import few, proofs, same

GATES = {RNNCell: 1, GRUCell: 3, LSTMCell: 4}


@pytest.mark.parametrize("kind", GATES)
@few
@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 6))
def test_operations_are_those_that_torch_counts(kind, tokens, d_model, d_state):
    with FlopCounterMode(display=False) as counter:
        unroll(kind(d_model, d_state), torch.zeros(1, tokens, d_model))
    counted = counter.get_total_flops()
    assert counted == recurrent_flops(tokens, d_model, d_state, gates=GATES[kind])
    assert counted != recurrent_flops(tokens, d_model, d_state, gates=GATES[kind] + 1)


@pytest.mark.parametrize("kind", GATES)
def test_bytes_are_those_of_the_state_that_is_carried(kind):
    cell = kind(3, 5)
    for tokens in (1, 40):
        _, last = unroll(cell, torch.zeros(1, tokens, 3))
        carried = sum(part.nbytes for part in last)
        assert carried == state_bytes(5, carried=cell.carried)


def parameter(*shape):
    return nn.Parameter(torch.ones(shape))


CHAINS = {
    "one": (lambda x: x * 2, 1),
    "two": (lambda x: (x * 2).exp(), 2),
    "side by side": (lambda x: (x * 2) + (x * 3), 2),
    "the longer side": (lambda x: (x * 2).exp().tanh() + x, 4),
    "used twice": (lambda x: (x * 2) * (x * 2).exp(), 3),
}


@pytest.mark.parametrize("name", CHAINS)
def test_the_longest_chain_is_counted(name):
    make, expected = CHAINS[name]
    assert longest_chain(make(parameter(3))) == expected


def test_a_long_chain_needs_no_deep_stack():
    x = parameter(1)
    for _ in range(5000):
        x = x + 1
    assert longest_chain(x) == 5000


def test_what_remembers_nothing_is_refused():
    with pytest.raises(ValueError, match="with gradients"):
        longest_chain(torch.ones(2))


@pytest.mark.parametrize(("kind", "a_step"), [(RNNCell, 4), (LSTMCell, 9)])
def test_a_recurrent_chain_grows_with_the_text(kind, a_step):
    chains = [longest_chain(unroll(kind(3, 4), torch.zeros(1, n, 3))[0]) for n in (5, 6, 16)]
    assert chains[1] - chains[0] == a_step and chains[2] - chains[0] == 11 * a_step


def draw(tokens, d_state, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shape = 2, tokens, d_state
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def check_same_states(scan):
    for tokens in (1, 2, 3, 5, 8, 13):
        keep, add = draw(tokens, 3)
        same(scan(keep, add), step_by_step(keep, add))


def reaches_one_back(keep, add):
    return torch.cat([add[:1], keep[1:] * add[:-1] + add[1:]])


def forgets_to_join_what_is_kept(keep, add):
    back = 1
    while back < len(add):
        add = torch.cat([add[:back], keep[back:] * add[:-back] + add[back:]])
        back *= 2
    return add


def joins_in_the_wrong_order(keep, add):
    back = 1
    while back < len(add):
        add = torch.cat([add[:back], add[:-back] + keep[:-back] * add[back:]])
        keep = torch.cat([keep[:back], keep[back:] * keep[:-back]])
        back *= 2
    return add


SCAN_CATCHES = {
    check_same_states: [reaches_one_back, forgets_to_join_what_is_kept, joins_in_the_wrong_order]
}


test_a_scan_gives_the_states, test_a_broken_scan_is_caught = proofs(scan, SCAN_CATCHES)


def test_step_by_step_is_the_recurrence():
    keep, add = draw(4, 3)
    state = torch.zeros(3, dtype=torch.float64)
    for t, found in enumerate(step_by_step(keep, add)):
        state = keep[t] * state + add[t]
        same(found, state)


def test_a_scan_waits_for_the_logarithm():
    def chain(compute, tokens):
        keep, add = draw(tokens, 2).requires_grad_()
        return longest_chain(compute(keep, add))

    rounds = {tokens: chain(scan, tokens) for tokens in (16, 32, 64, 128)}
    steps = [b - a for a, b in zip(list(rounds.values()), list(rounds.values())[1:], strict=False)]
    assert len(set(steps)) == 1 and steps[0] <= 5  # one more round when the text doubles
    assert chain(step_by_step, 128) - chain(step_by_step, 64) == 2 * 64
    assert rounds[128] < 5 * math.log2(128)


@pytest.mark.parametrize("window", [2, 3, 5])
@pytest.mark.parametrize("distance", [1, 4, 26, 27, 242])
def test_convolutions_are_as_many_as_the_windows_that_fit(distance, window):
    """Each layer reaches w - 1 places further; widened w times a layer, w to the layers less 1."""
    plain = math.ceil(distance / (window - 1))
    assert convolutions_between(distance, window=window) == plain
    widened = next(layers for layers in range(1, 99) if window**layers > distance)
    assert convolutions_between(distance, window=window, widening=window) == widened


@pytest.mark.parametrize("wrong", [(0, 3, 1), (5, 1, 1), (5, 3, 0)])
def test_convolutions_that_reach_nowhere_are_refused(wrong):
    distance, window, widening = wrong
    with pytest.raises(ValueError, match="pass at least 1, 2 and 1"):
        convolutions_between(distance, window=window, widening=widening)
