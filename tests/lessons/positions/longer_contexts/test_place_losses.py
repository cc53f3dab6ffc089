"""The surprise of each token is the cross-entropy of the model's logits there."""

import pytest
import torch
from torch import nn

from lessons.families import from_transformers, placed_decoder, turned
from lessons.positions import Parted, Rotary, place_losses, rotary_frequencies, wavelengths
from lessons.training.prose import paragraphs
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_the_chapter_claims_of_a_real_model(smollm2, seed):
    """Other prose each time: four texts of 96 tokens, parted in the middle."""
    text = "".join(paragraphs(held_out=False)[80 * seed : 80 * seed + 12])
    halves = torch.tensor(smollm2.tokenizer(text).input_ids[:384]).view(4, 96)
    llama = from_transformers(smollm2.model)
    rotary = llama.layers[0].attention.place
    slow = wavelengths(rotary_frequencies(64, base=rotary.base)) > 8192
    alone = place_losses(llama, halves[:, 48:])

    def added(at, by, pairs=None):
        with turned(llama, Parted(at=at, by=by, rotary=rotary, pairs=pairs)):
            return (place_losses(llama, halves, first=49) - alone).mean().item()

    near = added(48, 0)
    assert near < -0.2 < added(1, 16384) and abs(added(0, 16384) - near) < 0.05
    assert added(48, 16384, ~slow) < 0.3 < 0.7 < min(added(48, 16384), added(48, 16384, slow))
