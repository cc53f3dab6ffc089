"""Each cell is torch's, alone and unrolled, and its gates do what the chapter says."""

import math

import pytest
import torch
from hypothesis import given, strategies as st
from jaxtyping import TypeCheckError
from torch import nn

from lessons.recurrence import (
    GRUCell,
    LSTMCell,
    RNNCell,
    gru_step,
    lstm_step,
    rnn_step,
    unroll,
)
from support import caught_by, few, same

CELLS = {
    RNNCell: (nn.RNNCell, nn.RNN),
    LSTMCell: (nn.LSTMCell, nn.LSTM),
    GRUCell: (nn.GRUCell, nn.GRU),
}
STEPS = {RNNCell: rnn_step, LSTMCell: lstm_step, GRUCell: gru_step}


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def oracle_of(kind, cell, *, unrolled):
    """Return torch's cell or layer with the weights of ours."""
    d_model, d_state = cell.w_input.shape[0], cell.d_state
    ends, options = ("_l0", {"batch_first": True}) if unrolled else ("", {})
    oracle = CELLS[kind][unrolled](d_model, d_state, dtype=torch.float64, **options)
    weights = {
        "weight_ih": cell.w_input.T,
        "weight_hh": cell.w_state.T,
        "bias_ih": cell.bias,
        "bias_hh": getattr(cell, "state_bias", torch.zeros_like(cell.bias)),
    }
    oracle.load_state_dict({f"{name}{ends}": weight for name, weight in weights.items()})
    return oracle


def lively(kind, d_model, d_state):
    """Return a cell in float64 whose weights, biases too, are all different."""
    cell = kind(d_model, d_state).double()
    for seed, parameter in enumerate(cell.parameters()):
        parameter.data = draw(*parameter.shape, seed=seed)
    return cell


def check_is_torchs(kind, step):
    cell, token = lively(kind, 3, 4), draw(2, 3, seed=7)
    state = tuple(draw(2, 4, seed=8 + i) for i in range(cell.carried))
    ours = step(token, *state, *cell.parameters())
    theirs = oracle_of(kind, cell, unrolled=False)(token, state if len(state) > 1 else state[0])
    for one, other in zip(as_tuple(ours), as_tuple(theirs), strict=True):
        same(one, other)


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def forgets_the_state(token, state, w_input, w_state, bias):
    return torch.tanh(token @ w_input + bias)


def has_no_bias(token, state, w_input, w_state, bias):
    return torch.tanh(token @ w_input + state @ w_state)


def turns_the_matrix(token, state, w_input, w_state, bias):
    return torch.tanh(token @ w_input + state @ w_state.T + bias)


def squeezes_too_early(token, state, w_input, w_state, bias):
    return torch.tanh(token @ w_input + bias) + state @ w_state


def orders_gates_otherwise(token, state, memory, w_input, w_state, bias):
    keep, write, candidate, show = (token @ w_input + state @ w_state + bias).chunk(4, dim=-1)
    memory = keep.sigmoid() * memory + write.sigmoid() * candidate.tanh()
    return show.sigmoid() * memory.tanh(), memory


def shows_the_memory_raw(token, state, memory, *weights):
    _, memory = lstm_step(token, state, memory, *weights)
    show = (token @ weights[0] + state @ weights[1] + weights[2]).chunk(4, dim=-1)[3]
    return show.sigmoid() * memory, memory


def swaps_state_and_memory(token, state, memory, *weights):
    return lstm_step(token, state, memory, *weights)[::-1]


def keeps_what_is_left_of_writing(token, state, memory, w_input, w_state, bias):
    write, _, candidate, show = (token @ w_input + state @ w_state + bias).chunk(4, dim=-1)
    memory = (1 - write.sigmoid()) * memory + write.sigmoid() * candidate.tanh()
    return show.sigmoid() * memory.tanh(), memory


def resets_before_the_product(token, state, w_input, w_state, bias, state_bias):
    """The paper's GRU (Cho et al., 2014), which torch's is not."""
    r, z, n = (token @ w_input + bias).chunk(3, dim=-1)
    of_r, of_z, of_n = w_state.chunk(3, dim=-1)
    b_r, b_z, b_n = state_bias.chunk(3, dim=-1)
    reset, update = torch.sigmoid(r + state @ of_r + b_r), torch.sigmoid(z + state @ of_z + b_z)
    candidate = torch.tanh(n + (reset * state) @ of_n + b_n)
    return (1 - update) * candidate + update * state


def leaves_the_bias_outside_the_reset(token, state, w_input, w_state, bias, state_bias):
    r, z, n = (token @ w_input + bias + state_bias).chunk(3, dim=-1)
    h_r, h_z, h_n = (state @ w_state).chunk(3, dim=-1)
    update = torch.sigmoid(z + h_z)
    return (1 - update) * torch.tanh(n + torch.sigmoid(r + h_r) * h_n) + update * state


def updates_the_other_way(token, state, w_input, w_state, bias, state_bias):
    a, b = token @ w_input + bias, state @ w_state + state_bias
    (r, z, n), (h_r, h_z, h_n) = a.chunk(3, dim=-1), b.chunk(3, dim=-1)
    update = torch.sigmoid(z + h_z)
    return update * torch.tanh(n + torch.sigmoid(r + h_r) * h_n) + (1 - update) * state


MUTANTS = {
    RNNCell: [forgets_the_state, has_no_bias, turns_the_matrix, squeezes_too_early],
    LSTMCell: [
        orders_gates_otherwise,
        shows_the_memory_raw,
        swaps_state_and_memory,
        keeps_what_is_left_of_writing,
    ],
    GRUCell: [
        resets_before_the_product,
        leaves_the_bias_outside_the_reset,
        updates_the_other_way,
    ],
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_step_is_torchs(kind):
    check_is_torchs(kind, STEPS[kind])


@pytest.mark.parametrize(("kind", "mutant"), caught_by(MUTANTS))
def test_a_broken_step_is_not_torchs(kind, mutant):
    with pytest.raises(AssertionError):
        check_is_torchs(kind, mutant)


@pytest.mark.parametrize("kind", CELLS)
@few
@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 5), st.integers(1, 5))
def test_unrolled_it_is_torchs_layer(kind, batch, tokens, d_model, d_state):
    cell, x = lively(kind, d_model, d_state), draw(batch, tokens, d_model)
    states, last = unroll(cell, x)
    expected, ends = oracle_of(kind, cell, unrolled=True)(x)
    same(states, expected)
    for one, other in zip(last, as_tuple(ends), strict=True):
        same(one, other[0])


@pytest.mark.parametrize("kind", CELLS)
def test_reading_on_is_reading_all(kind):
    """The state is all that a network keeps of what it has read."""
    cell, x = lively(kind, 3, 4), draw(2, 7, 3)
    whole, end = unroll(cell, x)
    first, between = unroll(cell, x[:, :4])
    second, last = unroll(cell, x[:, 4:], between)
    same(torch.cat([first, second], dim=1), whole)
    same(last, end)
    lost, _ = unroll(cell, x[:, 4:])
    assert not torch.allclose(lost, second)


@pytest.mark.parametrize("kind", CELLS)
def test_the_future_changes_nothing_and_the_whole_past_does(kind):
    cell, x = lively(kind, 3, 4), draw(1, 6, 3).requires_grad_()
    states, _ = unroll(cell, x)
    (gradient,) = torch.autograd.grad(states[0, 3].sum(), x)
    reaches = gradient[0].abs().sum(dim=1) > 0
    assert reaches.tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize("kind", CELLS)
def test_gradients_are_right(kind):
    cell, x = lively(kind, 2, 3), draw(1, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: unroll(cell, x)[0], x)


def by_hand(step):
    w_input = torch.tensor([[0.0, 0], [1, 0], [0, 1]], dtype=torch.float64)
    w_state = torch.tensor([[0.5, 0.5], [0, 0.5]], dtype=torch.float64)
    state = torch.zeros(2, dtype=torch.float64)
    for token in torch.eye(3, dtype=torch.float64):
        state = step(token, state, w_input, w_state, torch.zeros(2, dtype=torch.float64))
    return state


def test_the_movie_was_by_hand():
    half = math.tanh(1) / 2
    expected = [math.tanh(half), math.tanh(half + 1)]
    same(by_hand(rnn_step), torch.tensor(expected, dtype=torch.float64))
    for mutant in (forgets_the_state, turns_the_matrix, squeezes_too_early):
        with pytest.raises(AssertionError):
            same(by_hand(mutant), torch.tensor(expected, dtype=torch.float64))


def test_one_set_of_weights_serves_texts_of_any_length():
    cell = RNNCell(3, 4)
    sizes = {tokens: unroll(cell, torch.zeros(1, tokens, 3))[0].shape for tokens in (1, 50)}
    assert sizes == {1: (1, 1, 4), 50: (1, 50, 4)}
    assert sum(parameter.numel() for parameter in cell.parameters()) == 3 * 4 + 4 * 4 + 4


@pytest.mark.parametrize("kind", CELLS)
def test_as_many_weights_as_torchs(kind):
    cell, oracle = kind(5, 7), CELLS[kind][0](5, 7)
    ours, theirs = (sum(p.numel() for p in one.parameters()) for one in (cell, oracle))
    # torch has a second bias of each, which adds nothing but to the GRU's candidate.
    assert theirs - ours == (0 if kind is GRUCell else len(cell.bias))


def test_an_open_forget_gate_keeps_and_a_shut_one_forgets():
    zeros = torch.zeros(1, 4)
    for bias, kept in ((50.0, 1.0), (-50.0, 0.0), (0.0, 0.5)):
        gates = torch.tensor([-50.0, bias, 0.0, 50.0])
        _, memory = lstm_step(
            torch.ones(1), torch.zeros(1), torch.tensor([2.0]), zeros, zeros, gates
        )
        assert memory.item() == pytest.approx(2 * kept)


def test_the_forget_bias_is_where_it_belongs():
    cell = LSTMCell(3, 4, forget_bias=3.0)
    oracle = nn.LSTMCell(3, 4)
    oracle.bias_ih.data[4:8] = 3.0  # torch's documentation: W_ii, W_if, W_ig, W_io
    assert cell.bias[4:8].tolist() == [3.0] * 4
    assert (cell.bias[:4].abs() < 1).all() and (cell.bias[8:].abs() < 1).all()


def test_weights_start_as_torchs_do():
    torch.manual_seed(0)
    for kind in CELLS:
        for parameter in kind(50, 400).parameters():
            if parameter.dim() == 2:
                assert parameter.abs().max() <= 1 / 20
                assert parameter.std().item() == pytest.approx(1 / 20 / 3**0.5, rel=0.02)


@pytest.mark.parametrize("kind", CELLS)
def test_wrong_input_is_refused(kind):
    with pytest.raises(ValueError, match="pass at least 1"):
        kind(0, 4)
    with pytest.raises(ValueError, match="pass at least one"):
        unroll(kind(3, 4), torch.zeros(2, 0, 3))
    with pytest.raises(TypeCheckError):
        unroll(kind(3, 4), torch.zeros(2, 3))
