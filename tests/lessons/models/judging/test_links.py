"""Where a head looks, compared with where it should."""

import pytest
import torch

from lessons.models import link_hits, link_mass, shifted


def test_hits_and_mass_by_hand():
    weights = torch.tensor([[[[0.2, 0.8, 0.0], [0.5, 0.3, 0.2]]]])
    assert link_hits(weights, [(0, 1), (1, 1)]).tolist() == [[[True, False]]]
    torch.testing.assert_close(link_mass(weights, [(0, 1), (1, 2)]), torch.tensor([[[0.8, 0.2]]]))


def test_bad_links():
    weights = torch.ones(1, 1, 2, 3)
    for link in [(2, 0), (0, 3), (-1, 0)]:
        for read in (link_hits, link_mass):
            with pytest.raises(ValueError, match="leads outside 2 queries and 3 keys"):
                read(weights, [link])


def test_shifts_by_hand():
    assert shifted([(3, 1)], queries=-1) == [(2, 1)]
    with pytest.raises(ValueError, match=r"moves a link to \(-1, 1\)"):
        shifted([(0, 1)], queries=-1)
