r"""Answers of a policy: draw them, and say how probable it finds each token of them.

What was asked, the prompt, is read and not judged: only an answer's tokens count, up to its end.

Reference: :cite:t:`stiennon2020`, section 3.4.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.alignment.playground import Playground, written
from lessons.families import DecoderOnly
from lessons.tensors import has_numbers, widened


@torch.no_grad()
def draw_answers(
    policy: DecoderOnly, playground: Playground, count: int, *, generator: torch.Generator
) -> Int[Tensor, "{count} new"]:
    """Draw answers to the prompt; what would follow an answer's end is filled up with an end.

    They are the answers that :func:`~lessons.generation.loop.sample` draws with this generator.
    Equal beginnings are read once, and ended ones not at all.

    Raises:
        ValueError: There is nothing to draw, or the policy's numbers are no longer finite.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> chance = torch.Generator().manual_seed(0)
    >>> draw_answers(reference, playground, 5, generator=chance).shape
    torch.Size([5, 8])
    """
    if count < 1:
        raise ValueError(f"count is {count}: pass at least 1")
    texts = playground.prompt.expand(count, -1)
    going, logits = torch.ones(count, dtype=torch.bool), torch.zeros(())
    for _ in range(playground.allowed.shape[-1]):
        if going.any():
            once, places = texts[going].unique(dim=0, return_inverse=True)
            said = finite(widened(policy.next_logits(once)))[places]
            logits = said if going.all() else logits.index_put((going,), said)
        # All draw, the ended ones in vain: so one answer's end changes no other answer.
        token = torch.multinomial(logits.softmax(dim=-1), 1, generator=generator)
        token = token.where(going[:, None], playground.ends[0])
        texts = torch.cat([texts, token], dim=-1)
        going = going & ~torch.isin(token[:, 0], playground.ends)
    return texts[:, playground.prompt.shape[-1] :]


def token_log_probabilities(
    policy: DecoderOnly, playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, "answers new"]:
    r"""Return how probable a policy finds each token of some answers, in nats.

    Position t holds :math:`\ln \pi(y_t \mid x, y_{<t})`, and 0 after the end: the sum over t is
    the logarithm of the answer's probability. Equal answers are read once.

    Raises:
        ValueError: There is no answer, an answer is empty, a token is not in the policy's
            vocabulary, or the policy's numbers are no longer finite.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> logs = token_log_probabilities(reference, playground, playground.allowed)
    >>> 0.7 < logs.sum(dim=-1).exp().sum().item() < 1  # most of what the reference says
    True
    """
    once, places = _once(answers)
    said = next_token_logs(policy, playground, once)
    logs = said.gather(-1, once[..., None])[..., 0]
    return logs.where(written(once, playground.ends), 0)[places]


def _once(answers: Tensor) -> tuple[Tensor, Tensor]:
    """Return the different answers, and for each answer the place of its like among them."""
    if answers.numel() == 0:
        raise ValueError("there is no answer, or it is empty: pass at least one token of each")
    return answers.unique(dim=0, return_inverse=True)


def next_token_logs(
    policy: DecoderOnly, playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, "answers new vocab"]:
    """Return the log-probability of every token of the vocabulary before each token of an answer.

    Raises:
        ValueError: The policy's numbers are no longer finite.
    """
    texts = torch.cat([playground.prompt.expand(len(answers), -1), answers], dim=-1)
    # What is said at a position is about the token after it; of the prompt nothing is judged.
    logits = widened(policy(texts[:, :-1])[:, playground.prompt.shape[-1] - 1 :])
    return finite(logits).log_softmax(dim=-1)


def finite(logits: Tensor) -> Tensor:
    """Return the logits of a policy, or say that they are no longer finite numbers."""
    if has_numbers(logits) and not logits.isfinite().all():
        raise ValueError("the policy's logits are no longer finite: lower the learning rate")
    return logits


def check_vocabularies(policy: DecoderOnly, reference: DecoderOnly) -> None:
    """Say it where policy and reference have not as many tokens: an id means two words then."""
    knows, other = (next(one.unembed.parameters()).shape[0] for one in (policy, reference))
    if knows != other:
        raise ValueError(
            f"the policy knows {knows} tokens and the reference {other}: pass a reference with the "
            "policy's vocabulary"
        )


@torch.no_grad()
def drift(
    policy: DecoderOnly,
    reference: DecoderOnly,
    playground: Playground,
    answers: Int[Tensor, "answers new"],
) -> Float[Tensor, " answers"]:
    r"""Return by how many nats a policy differs from the reference along each of its answers.

    .. math:: \sum_t \sum_v \pi(v \mid x, y_{<t})
        \ln \frac{\pi(v \mid x, y_{<t})}{\pi_\text{ref}(v \mid x, y_{<t})}

    In the mean over answers that the *policy* drew it is the divergence
    :math:`\mathrm{KL}(\pi \,\|\, \pi_\text{ref})`, with less scatter than the mean of
    :math:`\ln \pi(y) - \ln \pi_\text{ref}(y)`.

    Raises:
        ValueError: As :func:`token_log_probabilities`; or the two have not one vocabulary.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> drift(reference, reference, playground, playground.allowed[:2])
    tensor([0., 0.])
    """
    check_vocabularies(policy, reference)
    once, places = _once(answers)
    new = next_token_logs(policy, playground, once)
    old = next_token_logs(reference, playground, once)
    apart = (new.exp() * (new - old)).sum(dim=-1)
    return (apart * written(once, playground.ends)).sum(dim=-1)[places]


@torch.no_grad()
def success(policy: DecoderOnly, playground: Playground) -> float:
    """Return the policy's exact share of good answers: the sum of their probabilities.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> 0.4 < success(reference, playground) < 0.6
    True
    """
    good = playground.allowed[playground.good]
    return token_log_probabilities(policy, playground, good).sum(dim=-1).exp().sum().item()


class Place(NamedTuple):
    """Where a policy stands: its exact share of good answers, and its distance in nats."""

    reward: float
    kl: float


def place_of(
    policy: DecoderOnly,
    reference: DecoderOnly,
    playground: Playground,
    *,
    count: int = 256,
    seed: int = 0,
) -> Place:
    """Return a policy's true reward, and its mean drift along answers that it draws.

    Args:
        policy: What was trained.
        reference: What it began as.
        playground: The prompt, and the good answers.
        count: How many answers are drawn for the mean.
        seed: Decides them.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> place_of(reference, reference, playground, count=3).kl
    0.0
    """
    chance = torch.Generator().manual_seed(seed)
    answers = draw_answers(policy, playground, count, generator=chance)
    drifted = drift(policy, reference, playground, answers)
    return Place(success(policy, playground), drifted.mean().item())
