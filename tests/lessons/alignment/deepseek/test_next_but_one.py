"""The module for the token after the next: what it may see, and what its loss scores."""

import pytest
import torch

from lessons.alignment import Foresighted, NextButOne, two_token_loss
from lessons.families import next_token_loss, small_decoder
from support import proofs


def both(seed=0):
    torch.manual_seed(seed)
    model = small_decoder(9, positions=8, d_model=16).double()
    return Foresighted(model, NextButOne(16, heads=2).double())


IDS = torch.tensor([[1, 2, 3, 4, 5, 6]])


@torch.no_grad()
def check_sight(module):
    """At place i it sees the tokens up to i + 1, the last of them too, and none after it."""
    pair = both()
    for place in range(6):
        other = IDS.clone()
        other[0, place] = 8
        far, changed = (module(pair, one) for one in (IDS, other))
        differs = (far - changed).abs().amax(dim=-1)[0] > 1e-9
        assert differs.tolist() == [row + 1 >= place for row in range(5)]


def whole(pair, ids):
    return pair.module(pair.model, pair.model.stream(ids), ids)


def sees_the_answer(pair, ids):
    return pair.module(pair.model, pair.model.stream(ids), ids.roll(-1, dims=1))


def does_not_see_the_next(pair, ids):
    return pair.module(pair.model, pair.model.stream(ids), torch.zeros_like(ids))


def blind_to_the_stream(pair, ids):
    stream = torch.zeros_like(pair.model.stream(ids))
    return pair.module(pair.model, stream, ids.where(torch.arange(6) > 2, 0))


test_it_sees_what_it_may, test_broken_sight_is_caught = proofs(
    whole, {check_sight: [sees_the_answer, does_not_see_the_next, blind_to_the_stream]}
)


@torch.no_grad()
def test_the_loss_by_hand():
    pair = both()
    far = whole(pair, IDS).log_softmax(dim=-1)[0]
    about = [-far[place, IDS[0, place + 2]] for place in range(4)]
    expected = next_token_loss(pair.model, IDS) + 0.3 * sum(about) / 4
    assert two_token_loss(pair, IDS).item() == pytest.approx(expected.item(), abs=1e-12)


def test_embedding_and_output_layer_are_shared():
    pair = both()
    far = whole(pair, IDS).sum()
    far.backward()
    assert pair.model.unembed.weight.grad is not None
    own = sum(one.numel() for one in pair.module.parameters())
    assert own < sum(one.numel() for one in pair.model.parameters())
