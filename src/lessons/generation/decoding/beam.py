r"""Beam search: follow several texts at once, and return the most probable one found.

Greedy decoding can't take back a token that leads nowhere. Beam search keeps the `beams` most
probable beginnings. It is as deterministic as greedy decoding, and still no guarantee: the
best text may begin with tokens that were dropped.

References: :cite:t:`wu2016`, section 7; transformers' `generate` is the tests' oracle, with its
defaults (`early_stopping=False`).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.generation.loop import capacity_for
from lessons.generation.sessions import Cached, Writer
from lessons.tensors import widened


class Beam(NamedTuple):
    """A text that was found, and its score: the higher, the better."""

    score: float
    tokens: list[int]


@torch.no_grad()
def beam_search(
    model: Writer,
    prompt: Int[Tensor, "1 tokens"],
    *,
    beams: int,
    max_new_tokens: int,
    end: int | None = None,
    length_penalty: float = 1.0,
    session: Callable = Cached,
) -> list[Beam]:
    r"""Return the `beams` best continuations of one prompt, the best first, new tokens only.

    The score of a text :math:`y` of :math:`n` new tokens is

    .. math:: \frac{1}{n^\alpha} \sum_{t=1}^n \ln p(y_t \mid y_{<t})

    with `length_penalty` :math:`\alpha`. With 0, short texts win, for each token costs; 1 is
    the mean.

    Args:
        model: A decoder-only model, or the reading of an encoder–decoder.
        prompt: One text.
        beams: How many texts are followed at once.
        max_new_tokens: How many new tokens at most.
        end: The token that ends a text.
        length_penalty: :math:`\alpha`; larger ones favor longer texts.
        session: :class:`~lessons.generation.sessions.Cached` or
            :class:`~lessons.generation.sessions.Uncached`.

    Raises:
        ValueError: As for :func:`~lessons.generation.loop.generate`, or `beams` is less than 1 or
            more than half the vocabulary.

    Source: :cite:t:`wu2016`, section 7, with transformers' simpler penalty.

    >>> from torch import nn
    >>> from lessons.families import DecoderOnly, Embedding
    >>> model = DecoderOnly(Embedding(4, 4), [], nn.Identity(), nn.Identity())
    >>> model.embed.tokens.weight.data = torch.eye(4)[[1, 2, 3, 0]]  # the next one, around
    >>> beam_search(model, torch.tensor([[1]]), beams=2, max_new_tokens=3)[0].tokens
    [2, 3, 0]
    """
    running = session(model, capacity_for(model, prompt, max_new_tokens))
    logits = widened(running.advance(prompt))
    if not 1 <= beams <= logits.shape[-1] // 2:
        raise ValueError(
            f"beams is {beams}: pass at least 1, at most half the vocabulary of {logits.shape[-1]}"
        )
    running.reorder(torch.zeros(beams, dtype=torch.long, device=prompt.device))
    logits = logits.expand(beams, -1)
    texts: list[list[int]] = [[] for _ in range(beams)]
    # All beams begin equal: only the first counts, or they would stay equal forever.
    totals = logits.new_full((beams,), -torch.inf)
    totals[0] = 0.0
    found: list[Beam] = []
    for length in range(1, max_new_tokens + 1):
        best, rows, tokens = candidates(logits, totals, 2 * beams)
        grown = [
            [*texts[row], token] for row, token in zip(rows.tolist(), tokens.tolist(), strict=True)
        ]
        ends = (tokens == end) if end is not None else torch.zeros_like(tokens, dtype=torch.bool)
        if length == max_new_tokens:
            ends = torch.ones_like(ends)
        for rank in range(beams):
            if ends[rank]:
                found.append(Beam(float(best[rank]) / length**length_penalty, grown[rank]))
        found = sorted(found, key=lambda beam: beam.score, reverse=True)[:beams]
        going_on = (~ends).nonzero()[:beams, 0]
        if len(going_on) == 0 or _hopeless(found, best[going_on[0]], length, length_penalty, beams):
            break
        totals, texts = best[going_on], [grown[rank] for rank in going_on.tolist()]
        running.reorder(rows[going_on])
        logits = widened(running.advance(tokens[going_on, None]))
    return found


def candidates(
    logits: Float[Tensor, "beams vocab"], totals: Float[Tensor, " beams"], count: int
) -> tuple[Float[Tensor, " {count}"], Int[Tensor, " {count}"], Int[Tensor, " {count}"]]:
    """Return the `count` best continuations of all beams: totals, beams and tokens.

    Twice as many as beams suffice: even if each beam's best token ends its text, as many as
    there are beams go on.

    >>> logits = torch.tensor([[0.6, 0.4], [0.9, 0.1]]).log()
    >>> best, rows, tokens = candidates(logits, torch.tensor([0.7, 0.3]).log(), 2)
    >>> best.exp(), rows, tokens
    (tensor([0.4200, 0.2800]), tensor([0, 0]), tensor([0, 1]))
    """
    reached = totals[:, None] + logits.log_softmax(dim=-1)
    best, index = reached.flatten().topk(count)
    vocab = logits.shape[-1]
    return best, index // vocab, index % vocab


def _hopeless(
    found: list[Beam], best: Tensor, length: int, length_penalty: float, beams: int
) -> bool:
    """Return whether no beam can beat what was found, as transformers estimates it."""
    return len(found) == beams and float(best) / length**length_penalty <= found[-1].score
