"""What a rank leaves of a change: against torch's own best approximation, and by descent."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.adaptation import draw_change, share_left
from support import few


@few
@given(st.integers(1, 6), st.integers(0, 7))
def test_nothing_is_left_once_the_rank_suffices(needed, rank):
    change = draw_change(8, needed, generator=torch.Generator().manual_seed(0)).double()
    assert torch.linalg.matrix_rank(change, atol=1e-5) == needed
    assert abs(change.square().sum() - 1) < 1e-5
    assert abs(share_left(change, rank) - max(0, needed - rank) / needed) < 1e-5


def check_no_update_leaves_less(left):
    change = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).double()
    u, sizes, v = torch.linalg.svd(change, full_matrices=False)
    for rank in range(1, 4):
        best = change - u[:, :rank] @ torch.diag(sizes[:rank]) @ v[:rank]
        found = left(change, rank) * change.square().sum()
        assert torch.allclose(found, best.square().sum())
        for _ in range(20):  # any other direction leaves more
            basis, _ = torch.linalg.qr(torch.randn(4, rank).double())
            assert found < (change - change @ basis @ basis.mT).square().sum()


def test_no_update_leaves_less():
    check_no_update_leaves_less(share_left)


def unsquared(change, rank):
    sizes = torch.linalg.svdvals(change)
    return sizes[rank:].sum() / sizes.sum()


@pytest.mark.parametrize("broken", [unsquared, lambda change, rank: share_left(change, rank - 1)])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_no_update_leaves_less(broken)


def test_it_refuses():
    generator = torch.Generator()
    for rank in (0, 5):
        with pytest.raises(ValueError, match="pass 1 to 4"):
            draw_change(4, rank, generator=generator)
    with pytest.raises(ValueError, match="pass 0 or more"):
        share_left(torch.eye(3), -1)
