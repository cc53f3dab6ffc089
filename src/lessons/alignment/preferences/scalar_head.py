r"""A decoder that gives a number instead of a token: reward models and critics.

References: :cite:t:`stiennon2020`, section 3.4; :cite:t:`bradley1952`.
"""

import copy

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from lessons.alignment.answers import draw_answers
from lessons.alignment.pairs import pair_up
from lessons.alignment.playground import Playground, true_reward, written
from lessons.families import DecoderOnly
from lessons.fit import fit


def preference_loss(
    chosen: Float[Tensor, " pairs"], rejected: Float[Tensor, " pairs"]
) -> Float[Tensor, ""]:
    r"""Return the surprise at the choices, if Bradley and Terry are right about them.

    .. math:: -\ln \sigma(r_w - r_l)

    Args:
        chosen: The scores of the preferred answers.
        rejected: The scores of the others.

    Source: :cite:t:`ouyang2022`, equation 1.

    >>> preference_loss(torch.tensor([1.0]), torch.tensor([1.0])).exp()  # a coin's toss
    tensor(2.)
    """
    return -logsigmoid(chosen - rejected).mean()


class Scored(nn.Module):
    """A decoder with a scalar head: a score at each token, of the text up to there.

    Args:
        decoder: Its body is copied; its way back to tokens is left out.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> Scored(reference)(playground.prompt)  # the head begins at zero
    tensor([[0., 0., 0., 0.]], grad_fn=<SelectBackward0>)
    """

    def __init__(self, decoder: DecoderOnly):
        super().__init__()
        self.body = copy.deepcopy(decoder)
        width = decoder.embed(torch.zeros(1, 1, dtype=torch.long)).shape[-1]
        self.head = nn.Linear(width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch tokens"]:
        """Return a score at each token."""
        return self.head(self.body.norm(self.body.stream(ids)))[..., 0]


def scores_along(
    model: Scored, playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, "answers new_and_one"]:
    """Return the score before each answer's first token, and after each of its tokens.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> scores_along(Scored(reference), playground, playground.allowed[:2]).shape
    torch.Size([2, 9])
    """
    once, places = answers.unique(dim=0, return_inverse=True)
    texts = torch.cat([playground.prompt.expand(len(once), -1), once], dim=-1)
    return model(texts)[:, playground.prompt.shape[-1] - 1 :][places]


def answer_scores(
    model: Scored, playground: Playground, answers: Int[Tensor, "answers new"]
) -> Float[Tensor, " answers"]:
    """Return each answer's score, read at its end: what comes after says nothing.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> answer_scores(Scored(reference), playground, playground.allowed[:2])
    tensor([0., 0.], grad_fn=<SelectBackward0>)
    """
    last = written(answers, playground.ends).sum(dim=-1, keepdim=True)
    return scores_along(model, playground, answers).gather(-1, last)[:, 0]


@torch.no_grad()
def score_of(
    playground: Playground, answers: Int[Tensor, "answers new"], *, model: Scored
) -> Float[Tensor, " answers"]:
    """Return a reward model's scores as a reward, without a gradient.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> score_of(playground, playground.allowed[:2], model=Scored(reference))
    tensor([0., 0.])
    """
    return answer_scores(model, playground, answers)


def learn_reward(
    reference: DecoderOnly,
    playground: Playground,
    *,
    agreement: float = 1.0,
    steps: int = 60,
    learning_rate: float = 5e-4,
    seed: int = 0,
) -> Scored:
    """Return a reward model that learned from 64 pairs a step, of 1,000 of the reference's answers.

    Args:
        reference: Who draws the answers, and what the model begins as.
        playground: The prompt, and what is good.
        agreement: How often a labeler prefers the truly better answer.
        steps: The number of steps.
        learning_rate: The highest.
        seed: Decides the answers, the pairs and the labels.

    Raises:
        ValueError: `agreement` is no chance.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> model = learn_reward(reference, playground, steps=1)
    >>> answer_scores(model, playground, playground.allowed).shape
    torch.Size([12])
    """
    if not 0 <= agreement <= 1:
        raise ValueError(f"agreement is {agreement}: pass a chance between 0 and 1")
    chance = torch.Generator().manual_seed(seed)
    answers = draw_answers(reference, playground, 1000, generator=chance)
    rewards = true_reward(playground, answers)

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        pairs = pair_up(answers, rewards, 64, generator=generator)
        kept = torch.rand(64, 1, generator=generator) < agreement
        return pairs.chosen.where(kept, pairs.rejected), pairs.rejected.where(kept, pairs.chosen)

    def loss_of(model: Scored, pairs: tuple[Tensor, Tensor]) -> Tensor:
        return preference_loss(*answer_scores(model, playground, torch.cat(pairs)).chunk(2))

    model = Scored(reference)
    fit(model, draw, loss_of, steps=steps, learning_rate=learning_rate, warm_up=5, seed=seed)
    return model
