r"""The encoder–decoder: one recurrent network reads, another one writes.

References: :cite:t:`sutskever2014`, whose decoder starts from the encoder's last state;
:cite:t:`cho2014`, whose decoder is given that state again at every step.
"""

from typing import Any, NamedTuple

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lessons.recurrence.word_ids import PAD


class Memory(NamedTuple):
    """What an encoder leaves behind.

    Args:
        states: Its state after each word.
        visible: True where there is a word, False where there is padding.
        last: Its state after the last word: the context vector. An LSTM's is a pair.
    """

    states: Float[Tensor, "batch keys d_model"]
    visible: Bool[Tensor, "batch keys"]
    last: Any


class Encoder(nn.Module):
    r"""Reads a sentence word by word.

    .. math:: h_j = f(x_j, h_{j-1})

    Args:
        words: The size of the vocabulary.
        d_model: The numbers in an embedding and in a state.
        layer: The recurrent network: :class:`torch.nn.RNN`, `nn.GRU` or `nn.LSTM`.

    Source: :cite:t:`sutskever2014`, section 2.
    """

    def __init__(self, words: int, d_model: int, layer: type[nn.Module] = nn.GRU):
        super().__init__()
        self.embedding = nn.Embedding(words, d_model)
        self.layer = layer(d_model, d_model, batch_first=True)

    def forward(self, source: Int[Tensor, "batch keys"]) -> Memory:
        """Return the state after each word; padding is not read.

        >>> import torch
        >>> memory = Encoder(words=9, d_model=4)(torch.tensor([[5, 6, 2], [2, 0, 0]]))
        >>> memory.states.shape, memory.last.shape
        (torch.Size([2, 3, 4]), torch.Size([1, 2, 4]))
        """
        visible = source != PAD
        embedded = self.embedding(source)
        lengths = visible.sum(dim=1).cpu()  # where torch wants them
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, last = self.layer(packed)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return Memory(states, visible, last)


class Decoder(nn.Module):
    r"""Writes a sentence word by word, from the encoder's last state.

    .. math:: s_t = f(y_{t-1}, s_{t-1}), \qquad s_0 = c

    The encoder's other states are never looked at.

    Args:
        words: The size of the vocabulary.
        d_model: The numbers in an embedding and in a state; the encoder's.
        layer: The recurrent network, as the encoder's.

    Source: :cite:t:`sutskever2014`, section 2.
    """

    def __init__(self, words: int, d_model: int, layer: type[nn.Module] = nn.GRU):
        super().__init__()
        self.embedding = nn.Embedding(words, d_model)
        self.layer = layer(d_model, d_model, batch_first=True)
        self.to_word = nn.Linear(d_model, words)

    def forward(
        self, previous: Int[Tensor, "batch queries"], memory: Memory, state: Any, first: int = 0
    ) -> tuple[Float[Tensor, "batch queries vocab"], None, Any]:
        """Return the logits of each next word, no attention weights, and the last state.

        Args:
            previous: The words so far, or those since `state`.
            memory: What the encoder left behind; this decoder does not look at it.
            state: Where to go on: at first `memory.last`.
            first: How many words were written before `previous`; not needed here.
        """
        states, state = self.layer(self.embedding(previous), state)
        return self.to_word(states), None, state


class EncoderDecoder(nn.Module):
    """An encoder and a decoder, trained together as one network.

    Args:
        encoder: From ids to a :class:`Memory`.
        decoder: From previous words, a memory and a state to logits, weights and a state.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(
        self, source: Int[Tensor, "batch keys"], previous: Int[Tensor, "batch queries"]
    ) -> tuple[Float[Tensor, "batch queries vocab"], Float[Tensor, "batch queries keys"] | None]:
        """Read the whole source, then score each next word given the *right* words before it.

        >>> import torch
        >>> model = EncoderDecoder(Encoder(9, 4), Decoder(7, 4))
        >>> logits, _ = model(torch.tensor([[5, 6, 2]]), torch.tensor([[1, 3]]))
        >>> logits.shape
        torch.Size([1, 2, 7])
        """
        memory = self.encoder(source)
        logits, weights, _ = self.decoder(previous, memory, memory.last)
        return logits, weights
