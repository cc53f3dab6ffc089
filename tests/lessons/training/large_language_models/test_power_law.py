"""A fit finds the law that made the losses, tells its doubt, and refuses what it cannot fit."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.training import PowerLaw, bootstrap_laws, fit_power_law, interval
from support import few

SIZES = [100, 400, 1600, 6400, 25600]


@few
@given(
    floor=st.floats(0.0, 3.0),
    factor=st.floats(0.5, 50.0),
    hundredths=st.integers(5, 150),
)
def test_a_law_is_found_from_what_it_foretells(floor, factor, hundredths):
    law = PowerLaw(floor, factor, hundredths / 100)
    found = fit_power_law(SIZES, [law.at(size) for size in SIZES])
    assert found.exponent == law.exponent
    assert found.floor == pytest.approx(law.floor, abs=1e-6)
    assert found.factor == pytest.approx(law.factor, rel=1e-6)


def test_no_other_law_has_smaller_errors():
    chance = torch.Generator().manual_seed(0)
    losses = (2 + torch.rand(5, generator=chance)).tolist()

    def error(law):
        return sum((law.at(size) - loss) ** 2 for size, loss in zip(SIZES, losses, strict=True))

    found = fit_power_law(SIZES, losses)
    for change in (1e-4, -1e-4):
        assert error(found) < error(found._replace(floor=found.floor + change))
        assert error(found) < error(found._replace(factor=found.factor * (1 + change)))


def test_a_floor_is_kept_from_below_zero():
    """Losses that bend downward would be fitted best by a floor below zero."""
    losses = [5.0, 4.9, 4.7, 4.2, 3.0]
    found = fit_power_law(SIZES, losses)
    assert found.floor == 0.0
    assert found == fit_power_law(SIZES, losses, with_floor=False)


def test_without_a_floor_it_is_a_line_on_two_logarithmic_axes():
    found = fit_power_law([1, 4, 16], [8.0, 4.0, 2.0], with_floor=False)
    assert found == pytest.approx((0.0, 8.0, 0.5))


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """The truth is known: five seeds' losses scatter about a law, sixty times."""
    law, chance, covered = PowerLaw(1.0, 8.0, 0.5), torch.Generator().manual_seed(1), 0
    truth = torch.tensor([law.at(size) for size in SIZES])
    for _ in range(60):
        losses = truth[:, None] + 0.05 * torch.randn(5, 5, generator=chance)
        laws = bootstrap_laws(SIZES, losses, draws=100)
        low, high = interval([one.at(102400) for one in laws])
        covered += low <= law.at(102400) <= high
    assert 0.65 < covered / 60 < 1  # five seeds are few: less than the 95 % that it says


def test_more_scatter_is_more_doubt():
    truth = torch.tensor([PowerLaw(1.0, 8.0, 0.5).at(size) for size in SIZES])
    noise = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    widths = []
    for scatter in (0.01, 0.1):
        laws = bootstrap_laws(SIZES, truth[:, None] + scatter * noise)
        low, high = interval([law.at(102400) for law in laws])
        widths.append(high - low)
    assert widths[1] > 4 * widths[0]


@pytest.mark.parametrize(
    ("sizes", "losses"), [([1, 2], [3.0, 2.0]), ([1, 2, 3], [1.0]), ([0, 1, 2], [3.0, 2.0, 1.0])]
)
def test_what_cannot_be_fitted_is_refused(sizes, losses):
    with pytest.raises(ValueError, match="at least 3 different sizes"):
        fit_power_law(sizes, losses)
