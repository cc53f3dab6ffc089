r"""How much a policy gradient scatters from draw to draw.

Reference: :cite:t:`williams1992`, section 4, on baselines.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.alignment.answers import draw_answers, token_log_probabilities
from lessons.alignment.playground import Playground, true_reward
from lessons.alignment.policy_gradient import reinforce_loss
from lessons.alignment.rewarded import Reward, roll_out
from lessons.families import DecoderOnly


def drawn_gradients(
    policy: DecoderOnly,
    playground: Playground,
    reward: Reward,
    advantages: Callable[[Tensor], Tensor],
    *,
    draws: int = 8,
    size: int = 32,
    seed: int = 0,
) -> Float[Tensor, "{draws} parameters"]:
    """Return the policy gradient of several draws of answers, as long rows.

    Args:
        policy: Where the gradient is taken; it stays as it is.
        playground: The prompt, and what is good.
        reward: What answers are worth.
        advantages: From a group's rewards to how much better than expected they are.
        draws: How many groups of answers are drawn.
        size: The answers in a group.
        seed: Decides them; the same answers for the same seed.

    >>> from lessons.alignment import centered, open_playground, true_reward
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> len(drawn_gradients(reference, playground, true_reward, centered, draws=2, size=4))
    2
    """
    chance = torch.Generator().manual_seed(seed)
    rows: list[Tensor] = []
    weights = list(policy.parameters())
    for _ in range(draws):
        answers = draw_answers(policy, playground, size, generator=chance)
        above = advantages(reward(playground, answers)[None]).view(-1, 1)
        rollout = roll_out(policy, policy, playground, answers, above)
        loss = reinforce_loss(token_log_probabilities(policy, playground, answers), rollout)
        rows.append(torch.cat([one.flatten() for one in torch.autograd.grad(loss, weights)]))
    return torch.stack(rows)


def relative_scatter(gradients: Float[Tensor, "draws parameters"]) -> float:
    r"""Return how far single gradients are from their mean, in units of the mean's length.

    .. math:: \sqrt{\overline{\lVert g_i - \bar g \rVert^2}} \,/\, \lVert \bar g \rVert

    Raises:
        ValueError: There are fewer than two gradients, or their mean is zero.

    >>> relative_scatter(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))
    1.0
    """
    mean = gradients.mean(dim=0)
    if len(gradients) < 2 or not mean.any():
        raise ValueError("the gradients have no mean to compare with: pass two or more")
    return ((gradients - mean).square().sum(dim=1).mean().sqrt() / mean.norm()).item()


def raised_reward(
    playground: Playground, answers: Int[Tensor, "answers new"], *, by: float
) -> Float[Tensor, " answers"]:
    """Return the true reward and a constant, which makes no answer better than another.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, _ = open_playground(load("decoder", source="book"))
    >>> raised_reward(playground, playground.allowed[:3:2], by=5.0)
    tensor([6., 5.])
    """
    return true_reward(playground, answers) + by
