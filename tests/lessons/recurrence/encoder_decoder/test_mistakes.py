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
    assert after_mistake(wrong_first, batch, within=1)[0].tolist() == [False, True, False, False]
    assert not after_mistake(torch.ones(2, 4, dtype=torch.bool), batch).any()


def test_the_first_mistake_is_the_same_for_the_forced_and_the_free_writer():
    torch.manual_seed(0)
    model = EncoderDecoder(Encoder(len(ENGLISH), 8), Decoder(len(FRENCH), 8)).eval()
    batch = draw_batch(torch.Generator().manual_seed(0), size=40, phrases=[1, 2, 3])
    forced, free = forced_right(model, batch), free_right(model, batch)
    assert after_mistake(forced, batch).equal(after_mistake(free, batch))
    assert after_mistake(forced, batch).any()
