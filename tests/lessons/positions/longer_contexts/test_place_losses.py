"""The surprise of each token is the cross-entropy of the model's logits there."""

import pytest
import torch
from torch import nn

from lessons.families import placed_decoder, turned
from lessons.positions import Parted, Rotary, place_losses
from support import same

IDS = torch.randint(0, 12, (2, 300), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model():
    return placed_decoder(12, place=Rotary()).double().eval()


@pytest.mark.parametrize("first", [1, 5, 150, 299])
def test_against_torchs_cross_entropy(model, first):
    found = place_losses(model, IDS, first=first)
    oracle = nn.functional.cross_entropy(model(IDS)[:, :-1].mT, IDS[:, 1:], reduction="none")
    same(found, oracle[:, first - 1 :])
    assert not torch.allclose(found, place_losses(model, IDS.flip(1), first=first))


@pytest.mark.parametrize("first", [-1, 0, 300])
def test_a_place_without_a_past_or_a_token_is_refused(model, first):
    with pytest.raises(ValueError, match="pass a place that has tokens before it"):
        place_losses(model, IDS, first=first)


def test_where_a_rotary_text_stands_is_nothing_to_it_and_a_gap_is_something(model):
    usual, last = place_losses(model, IDS, first=200), place_losses(model, IDS[:, 200:])
    with turned(model, Parted(at=0, by=777)):  # every token stands later
        same(place_losses(model, IDS, first=200), usual)
    with turned(model, Parted(at=200, by=777)):
        assert not torch.allclose(place_losses(model, IDS, first=200), usual)
        same(place_losses(model, IDS[:, 200:]), last)  # nothing stands before the gap
