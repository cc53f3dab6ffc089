import pytest
import torch

from lessons.recurrence import (
    Decoder,
    Encoder,
    EncoderDecoder,
    after_mistake,
    batch_of,
    draw_batch,
    forced_right,
    free_right,
    in_order,
)
from lessons.recurrence.padded_pairs import ENGLISH, FRENCH
from lessons.recurrence.phrase_pairs import Pair

PAIRS = [
    Pair(("the", "red", "cats"), ("les", "chats", "rouges"), (0, 2, 1)),
    Pair(("cats",), ("chats",), (0,)),
]


def test_by_hand():
    batch = batch_of(PAIRS)
    wrong_first = torch.tensor([[False, True, False, True], [False, True, True, True]])
    assert after_mistake(wrong_first, batch).tolist() == [
        [False, True, True, False],
        [False, False, False, False],
    ]
    assert not after_mistake(torch.ones(2, 4, dtype=torch.bool), batch).any()


def test_the_first_mistake_is_the_same_for_the_forced_and_the_free_writer():
    torch.manual_seed(0)
    model = EncoderDecoder(Encoder(len(ENGLISH), 8), Decoder(len(FRENCH), 8)).eval()
    batch = draw_batch(torch.Generator().manual_seed(0), size=40, phrases=[1, 2, 3])
    forced, free = forced_right(model, batch), free_right(model, batch)
    assert after_mistake(forced, batch).equal(after_mistake(free, batch))
    assert after_mistake(forced, batch).any()


def test_words_count_where_they_have_moved():
    batch = batch_of(PAIRS[:1])
    les, chats, rouges = batch.following[0, :3].tolist()
    behind = torch.tensor([[False, True, True, False]])
    for said, share in (
        ([chats, rouges, 2], 1),  # the first word is left out
        ([les, les, chats, rouges, 2], 1),  # it is doubled
        ([les, rouges, chats, 2], 0.5),  # another order
        ([les, les, les, les], 0),
        ([2, 0, 0, 0], 0),
    ):
        assert in_order(torch.tensor([said]), batch, behind) == share
    assert in_order(torch.tensor([[rouges, les, chats, 2]]), batch, behind) == 0.5
    with pytest.raises(ValueError, match="no word counts"):
        in_order(batch.following, batch, torch.zeros(1, 4, dtype=torch.bool))


def test_sentences_are_counted_one_by_one():
    batch = batch_of(PAIRS)
    behind = torch.tensor([[False, True, True, False], [False, False, False, False]])
    said = batch.following.clone()
    assert in_order(said, batch, behind) == 1
    said[0], said[1] = said[1].clone(), said[0].clone()
    assert in_order(said, batch, behind) == 0.5
