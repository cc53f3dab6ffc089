import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from lessons.recurrence import (
    GRUCell,
    LSTMCell,
    RNNCell,
    gradients_through_time,
    linear_gradients,
    mean_gradients,
    orthogonal_matrix,
    spectral_radius,
    unroll,
)
from support import few, same


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(*shape, seed=0):
    return torch.randn(shape, generator=seeded(seed), dtype=torch.float64)


def check_exponential(matrix, radius):
    """The norm is ρ^k at every distance k."""
    norms = linear_gradients(matrix, steps=20)
    expected = radius ** torch.arange(21, dtype=torch.float64)
    torch.testing.assert_close(norms, expected, rtol=1e-11, atol=0)


@few
@given(st.integers(1, 12), st.floats(0.3, 1.7), st.integers(0, 2**32))
def test_a_scaled_orthogonal_matrix_stretches_by_the_radius_at_each_step(d_state, radius, seed):
    matrix = radius * orthogonal_matrix(d_state, generator=seeded(seed))
    assert spectral_radius(matrix) == pytest.approx(radius, rel=1e-12)
    check_exponential(matrix, radius)


def test_other_matrices_do_not():
    turn = orthogonal_matrix(8, generator=seeded())
    check_exponential(turn, 1.0)
    sheared = turn.clone()
    sheared[0] *= 2
    random = draw(8, 8)
    for broken in (0.9 * turn, sheared, random / spectral_radius(random)):
        with pytest.raises(AssertionError):
            check_exponential(broken, 1.0)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.1])
def test_any_matrix_goes_like_its_radius_in_the_long_run(radius):
    """Gelfand: the k-th root of the norm of the k-th power goes to the spectral radius."""
    matrix = draw(10, 10)
    matrix *= radius / spectral_radius(matrix)
    norms = linear_gradients(matrix, steps=400)
    assert norms[1] > 1.2 * radius  # at first it may well be larger
    assert (norms[400] / norms[200]).item() ** (1 / 200) == pytest.approx(radius, rel=0.01)


@few
@given(st.integers(1, 10), st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_a_norm_below_one_makes_the_tanh_vanish_at_least_as_fast(d_state, norm, seed):
    """The slope of the tanh is at most 1, so the linear law is a bound."""
    cell = RNNCell(3, d_state).double()
    weights = draw(d_state, d_state, seed=seed)
    cell.w_state.data = norm * weights / torch.linalg.matrix_norm(weights, ord=2)
    cell.w_input.data = torch.linalg.qr(draw(d_state, d_state, seed=1)).Q[:1].expand(3, -1)
    found = gradients_through_time(cell, draw(15, 3, seed=seed))
    bound = math.sqrt(3) * norm ** torch.arange(15, dtype=torch.float64)
    assert (found <= bound * (1 + 1e-12)).all()


def test_without_the_bound_on_the_norm_it_may_explode():
    cell = RNNCell(1, 1).double()
    cell.w_state.data.fill_(1.5)
    cell.w_input.data.fill_(1.0)
    cell.bias.data.zero_()
    quiet = gradients_through_time(cell, torch.zeros(15, 1, dtype=torch.float64))
    assert quiet[14].item() == pytest.approx(1.5**14)


@pytest.mark.parametrize("kind", [RNNCell, LSTMCell, GRUCell])
def test_the_gradient_is_what_a_small_change_does(kind):
    cell, x = kind(3, 4).double(), draw(6, 3)
    found = gradients_through_time(cell, x)
    for back in range(6):
        columns = []
        for i in range(3):
            moved = [x.clone(), x.clone()]
            moved[0][5 - back, i] += 1e-5
            moved[1][5 - back, i] -= 1e-5
            ends = [unroll(cell, one[None])[0][0, -1] for one in moved]
            columns.append((ends[0] - ends[1]) / 2e-5)
        expected = torch.stack(columns).norm()
        torch.testing.assert_close(found[back], expected, rtol=1e-6, atol=1e-12)


def test_the_last_token_comes_first():
    cell = RNNCell(2, 3).double()
    cell.w_state.data.zero_()  # only the last token matters
    assert (gradients_through_time(cell, draw(4, 2)) > 0).tolist() == [True] + [False] * 3


def test_the_mean_is_geometric():
    cell, x = RNNCell(2, 3).double(), draw(2, 5, 2)
    one, other = (gradients_through_time(cell, sequence) for sequence in x)
    same(mean_gradients(cell, x), (one * other).sqrt())
    assert not torch.allclose(mean_gradients(cell, x), (one + other) / 2)


def test_orthogonal_means_no_length_changes():
    turn = orthogonal_matrix(7, generator=seeded(3))
    same(turn @ turn.T, torch.eye(7, dtype=torch.float64))
    x = draw(5, 7)
    same((x @ turn).norm(dim=1), x.norm(dim=1))
    same(turn, orthogonal_matrix(7, generator=seeded(3)), atol=0)
    assert not torch.allclose(turn, orthogonal_matrix(7, generator=seeded(4)))


def test_the_radius_is_not_the_norm():
    assert spectral_radius(torch.tensor([[0.0, 9.0], [0.0, 0.5]])) == 0.5
    turned = torch.tensor([[0.0, 2.0], [-2.0, 0.0]])  # its eigenvalues are ±2i
    assert spectral_radius(turned) == pytest.approx(2)


def test_negative_distances_are_refused():
    with pytest.raises(ValueError, match="pass at least 0"):
        linear_gradients(torch.eye(2), steps=-1)


@pytest.mark.parametrize("seed", range(5))
def test_untrained_cells_reach_as_far_as_the_chapter_says(seed):
    torch.manual_seed(seed)
    x = torch.randn(4, 51, 24, dtype=torch.float64)
    cells = {
        "rnn": RNNCell(24, 24),
        "turned": RNNCell(24, 24),
        "half": LSTMCell(24, 24, forget_bias=0.0),
        "open": LSTMCell(24, 24, forget_bias=3.0),
    }
    cells["turned"].w_state = nn.Parameter(orthogonal_matrix(24, generator=seeded()))
    reach = {name: mean_gradients(cell.double(), x) for name, cell in cells.items()}
    # Ten times the room that the chapter's own bounds need.
    assert reach["rnn"][30] < 1e-7 and reach["half"][30] < 1e-5
    assert 10 * reach["half"][30] < reach["turned"][30] < 1e-3
    assert reach["open"][30] > 0.1
