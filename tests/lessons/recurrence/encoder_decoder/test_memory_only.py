import torch
from torch import nn

from lessons.recurrence import Encoder, MemoryOnlyEncoder
from lessons.recurrence.word_ids import END, PAD

WORDS, D_MODEL = 9, 5


def test_memory_alone_is_handed_over():
    whole, alone = Encoder(WORDS, D_MODEL, nn.LSTM), MemoryOnlyEncoder(WORDS, D_MODEL)
    alone.load_state_dict(whole.state_dict())
    source = torch.tensor([[5, 6, END], [6, END, PAD]])
    (state, memory), (_, expected) = alone(source).last, whole(source).last
    assert memory.equal(expected) and not state.any() and memory.any()
    assert alone(source).states.equal(whole(source).states)
