r"""Bahdanau's decoder: first a look at the source, then a step of the recurrent network."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.recurrence.attention_in_seq2seq.additive import additive_scores
from lessons.recurrence.attention_in_seq2seq.reading import read
from lessons.recurrence.seq2seq import Memory


class BahdanauDecoder(nn.Module):
    r"""Writes with additive attention; the previous state asks, before the step.

    .. math::
        \begin{aligned}
        e_{tj} &= \tanh(s_{t-1} W + h_j U)\, v \\
        c_t &= \textstyle\sum_j w_{tj} h_j \\
        s_t &= f([y_{t-1}; c_t], s_{t-1})
        \end{aligned}

    The new state needs what was read, and what is read needs the state before. So the steps
    are a loop, in training too. (In the paper the encoder reads in both directions, and the
    output is a maxout layer; both are simpler here.)

    Args:
        words: The size of the vocabulary.
        d_model: The numbers in an embedding and in a state; the encoder's.

    Source: :cite:t:`bahdanau2015`, section 3.1 and appendix A.
    """

    def __init__(self, words: int, d_model: int):
        super().__init__()
        self.embedding = nn.Embedding(words, d_model)
        self.cell = nn.GRUCell(2 * d_model, d_model)
        self.to_query = nn.Parameter(torch.randn(d_model, d_model) / d_model**0.5)
        self.to_key = nn.Parameter(torch.randn(d_model, d_model) / d_model**0.5)
        self.to_score = nn.Parameter(torch.randn(d_model) / d_model**0.5)
        self.combine = nn.Linear(2 * d_model, d_model)
        self.to_word = nn.Linear(d_model, words)

    def look(
        self, state: Float[Tensor, "batch d_model"], memory: Memory
    ) -> tuple[Float[Tensor, "batch d_model"], Float[Tensor, "batch keys"]]:
        """Return what a state reads from the memory, and with which weights."""
        scores = additive_scores(
            state[:, None], memory.states, self.to_query, self.to_key, self.to_score
        )
        context, weights = read(scores, memory.states, memory.visible[:, None])
        return context[:, 0], weights[:, 0]

    def forward(
        self,
        previous: Int[Tensor, "batch queries"],
        memory: Memory,
        state: Float[Tensor, "1 batch d_model"],
        first: int = 0,
    ) -> tuple[
        Float[Tensor, "batch queries vocab"],
        Float[Tensor, "batch queries keys"],
        Float[Tensor, "1 batch d_model"],
    ]:
        """Return the logits of each next word, the weights it was read with, and the last state.

        Args:
            previous: The words so far, or those since `state`.
            memory: What the encoder left behind.
            state: Where to go on: at first `memory.last`.
            first: How many words were written before `previous`; not needed here.
        """
        hidden, read_with, found = state[0], [], []
        for word in self.embedding(previous).unbind(dim=1):
            context, weights = self.look(hidden, memory)
            hidden = self.cell(torch.cat([word, context], dim=-1), hidden)
            found.append(torch.cat([context, hidden], dim=-1))
            read_with.append(weights)
        logits = self.to_word(torch.tanh(self.combine(torch.stack(found, dim=1))))
        return logits, torch.stack(read_with, dim=1), hidden[None]
