"""An encoder that hands over half of what an LSTM has: its memory, and not its state.

So an LSTM and a GRU of one width hand over as many numbers, and only the cell differs.
"""

import torch
from jaxtyping import Int
from torch import Tensor, nn

from lessons.recurrence.seq2seq import Encoder, Memory


class MemoryOnlyEncoder(Encoder):
    """An LSTM that hands over its memory alone, with zeros in place of its last state.

    Args:
        words: The size of the vocabulary.
        d_model: The numbers in an embedding, in a state and in the memory.
    """

    def __init__(self, words: int, d_model: int):
        super().__init__(words, d_model, nn.LSTM)

    def forward(self, source: Int[Tensor, "batch keys"]) -> Memory:
        """Return the state after each word, and what is handed over.

        >>> import torch
        >>> state, memory = MemoryOnlyEncoder(9, 4)(torch.tensor([[5, 6, 2]])).last
        >>> state, memory.shape
        (tensor([[[0., 0., 0., 0.]]]), torch.Size([1, 1, 4]))
        """
        found = super().forward(source)
        state, memory = found.last
        return found._replace(last=(torch.zeros_like(state), memory))
