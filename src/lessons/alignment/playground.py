r"""The playground: one prompt, whose good answers the grammar can list.

A prompt such as "tom thanks ben because" has few answers that the grammar could have written.
An answer is good if it is one of them and its reason is a cheerful one. So the true reward of a
policy is a sum of some probabilities, exactly, and the best policy at each distance from the
reference is known.

Reference: :cite:t:`ziegler2019`, section 2.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.families import DecoderOnly, from_transformers
from lessons.models import Loaded
from lessons.models.grammar.people import REASONS, Story, english

CHEERFUL = ("kind", "happy", "calm")


@dataclass(frozen=True)
class Playground:
    """A prompt as ids, the tokens that end an answer, and the answers that the grammar allows.

    `allowed` has a row for each of them, filled up with the first end; `good` says which of them
    are cheerful, `cheerful` which tokens are.
    """

    prompt: Int[Tensor, "1 tokens"]
    ends: Int[Tensor, " ends"]
    allowed: Int[Tensor, "answers new"]
    good: Bool[Tensor, " answers"]
    cheerful: Int[Tensor, " words"]
    words: tuple[str, ...]

    def told(self, answer: Int[Tensor, " new"]) -> str:
        """Return an answer in words, up to its end."""
        kept = written(answer[None], self.ends)[0]
        return " ".join(self.words[token] for token in answer[kept])


def open_playground(
    loaded: Loaded, *, names: tuple[str, str] = ("tom", "ben"), deed: str = "thanks", new: int = 8
) -> tuple[Playground, DecoderOnly]:
    """Return the playground for a prompt, and the reference: the book's decoder.

    Args:
        loaded: The decoder, as `load("decoder", source="book")` returns it.
        names: Who does it, and to whom; of one gender, so that the pronoun tells nothing.
        deed: A verb of the grammar's in the present.
        new: The most tokens of an answer.

    Raises:
        ValueError: The model is no decoder, or does not know one of the words.

    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> playground.told(playground.allowed[0])
    'he is kind .'
    """
    reference = from_transformers(loaded.model)
    if not isinstance(reference, DecoderOnly):
        raise ValueError(f"the {loaded.name} is no decoder: pass load('decoder', source='book')")
    vocabulary = loaded.tokenizer.get_vocab()
    words = tuple(sorted(vocabulary, key=lambda word: vocabulary[word]))
    if unknown := [word for word in (*names, deed) if word not in vocabulary]:
        raise ValueError(f"the decoder does not know {unknown[0]!r}: pass words of its vocabulary")
    ends = [vocabulary["."], vocabulary["<|endoftext|>"]]
    allowed, good = [], []
    for reason in REASONS:
        tokens = english(Story(names, deed, "", False, reason, 0)).tokens
        start = tokens.index("because") + 1
        answer = [vocabulary[word] for word in tokens[start:]]
        for end in ends:
            row = [*answer, end]
            allowed.append(row + [ends[0]] * (new - len(row)))
            good.append(reason in CHEERFUL)
    prompt = [vocabulary[word] for word in tokens[:start]]
    playground = Playground(
        torch.tensor([prompt]),
        torch.tensor(ends),
        torch.tensor(allowed),
        torch.tensor(good),
        torch.tensor([vocabulary[word] for word in CHEERFUL]),
        words,
    )
    return playground, reference


def written(
    answers: Int[Tensor, "answers new"], ends: Int[Tensor, " ends"]
) -> Bool[Tensor, "answers new"]:
    """Say which tokens belong to an answer: all up to its first end, and that end.

    >>> written(torch.tensor([[5, 0, 7], [5, 6, 7]]), torch.tensor([0, 1]))
    tensor([[ True,  True, False],
            [ True,  True,  True]])
    """
    ended = torch.isin(answers, ends)
    return ended.cumsum(dim=-1) - ended.int() == 0


def answer_of(playground: Playground, text: str) -> Int[Tensor, "1 new"]:
    """Return a text as an answer, filled up with ends.

    Raises:
        ValueError: The text has no words, more than an answer, or one that the decoder does not
            know.

    >>> from lessons.models import load
    >>> playground, _ = open_playground(load("decoder", source="book"))
    >>> playground.told(answer_of(playground, "she is kind .")[0])
    'she is kind .'
    """
    words, new = text.split(), playground.allowed.shape[-1]
    if not 1 <= len(words) <= new:
        raise ValueError(f"the answer has {len(words)} words: pass 1 to {new}")
    if unknown := [word for word in words if word not in playground.words]:
        raise ValueError(f"the decoder does not know {unknown[0]!r}: pass words of its vocabulary")
    ids = [playground.words.index(word) for word in words]
    return torch.tensor([ids + [playground.ends[0].item()] * (new - len(ids))])


def true_reward(
    playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, " answers"]:
    """Return 1 for each answer that the grammar allows and that is cheerful, and 0 for all others.

    >>> from lessons.models import load
    >>> playground, _ = open_playground(load("decoder", source="book"))
    >>> true_reward(playground, playground.allowed[::2])
    tensor([1., 0., 0., 1., 0., 1.])
    """
    good = playground.allowed[playground.good]
    return (answers[:, None] == good).all(dim=-1).any(dim=-1).float()


def cheerful_words(
    playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, " answers"]:
    """Count the cheerful words of each answer: a reward that looks like the true one, and is not.

    >>> from lessons.models import load
    >>> playground, _ = open_playground(load("decoder", source="book"))
    >>> cheerful_words(playground, playground.allowed[::2])
    tensor([1., 0., 0., 1., 0., 1.])
    """
    found = torch.isin(answers, playground.cheerful) & written(answers, playground.ends)
    return found.sum(dim=-1).float()


def bernoulli_kl(reached: float, start: float) -> float:
    r"""Return the distance in nats from one chance of success to another.

    .. math:: q \ln \frac{q}{p} + (1 - q) \ln \frac{1 - q}{1 - p}

    It is the least that a policy can spend to raise its share of good answers from `start` to
    `reached`: all good answers become likelier by one factor, and all others less likely by one.

    Args:
        reached: :math:`q`, the share of good answers in the new policy.
        start: :math:`p`, that in the reference.

    Raises:
        ValueError: A chance is not between 0 and 1, or `start` is 0 or 1.

    Source: the divergence of two coins; see :cite:t:`rafailov2023`, equation 3, for its use.

    >>> round(bernoulli_kl(1.0, 0.5), 4)  # to keep one half of all answers costs ln 2
    0.6931
    """
    if not (0 <= reached <= 1 and 0 < start < 1):
        raise ValueError(f"from {start} to {reached}: pass chances, the first strictly within 0, 1")
    terms = ((reached, start), (1 - reached, 1 - start))
    return sum(new * math.log(new / old) for new, old in terms if new > 0)


def tilted(start: float, *, beta: float) -> float:
    r"""Return the share of good answers of the best policy at a price of `beta` for each nat.

    .. math:: \frac{p e^{1 / \beta}}{p e^{1 / \beta} + 1 - p}

    Args:
        start: :math:`p`, the share in the reference.
        beta: The price; small, and the policy goes far.

    Raises:
        ValueError: `beta` is not positive.

    Source: :cite:t:`rafailov2023`, equation 4, for a reward of 0 or 1.

    >>> round(tilted(0.5, beta=0.25), 3)
    0.982
    """
    if beta <= 0:
        raise ValueError(f"beta is {beta}: pass a positive price for each nat")
    return start / (start + (1 - start) * math.exp(-1 / beta))
