r"""Luong's decoder: first a step of the recurrent network, then a look at the source."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.recurrence.seq2seq import Memory


class LuongDecoder(nn.Module):
    r"""Writes with multiplicative or other attention; the new state asks, after the step.

    .. math::
        \begin{aligned}
        s_t &= f(y_{t-1}, s_{t-1}) \\
        c_t &= \text{what } s_t \text{ reads} \\
        \tilde s_t &= \tanh([c_t; s_t]\, W_c)
        \end{aligned}

    No state depends on what was read. So under teacher forcing the network runs over
    all words at once, and then all states ask at once. (The paper also proposes to feed
    :math:`\tilde s_t` into the next step; that is left out here.)

    Args:
        words: The size of the vocabulary.
        d_model: The numbers in an embedding and in a state; the encoder's.
        reader: From states, a memory and a place to contexts and weights.

    Source: :cite:t:`luong2015`, section 3.
    """

    def __init__(self, words: int, d_model: int, reader: nn.Module):
        super().__init__()
        self.embedding = nn.Embedding(words, d_model)
        self.layer = nn.GRU(d_model, d_model, batch_first=True)
        self.reader = reader
        self.combine = nn.Linear(2 * d_model, d_model)
        self.to_word = nn.Linear(d_model, words)

    def speak(
        self,
        context: Float[Tensor, "batch queries d_model"],
        states: Float[Tensor, "batch queries d_model"],
    ) -> Float[Tensor, "batch queries vocab"]:
        """Return the logits of each next word, from what was read and who read it."""
        return self.to_word(torch.tanh(self.combine(torch.cat([context, states], dim=-1))))

    def forward(
        self, previous: Int[Tensor, "batch queries"], memory: Memory, state: Any, first: int = 0
    ) -> tuple[Float[Tensor, "batch queries vocab"], Float[Tensor, "batch queries keys"], Any]:
        """Return the logits of each next word, the weights it was read with, and the last state.

        Args:
            previous: The words so far, or those since `state`.
            memory: What the encoder left behind.
            state: Where to go on: at first `memory.last`.
            first: How many words were written before `previous`.
        """
        states, state = self.layer(self.embedding(previous), state)
        context, weights = self.reader(states, memory, first)
        return self.speak(context, states), weights, state
