r"""Policy gradients: make likely what was better than expected.

From REINFORCE to GRPO in four steps, each a function of log-probabilities and numbers: the plain
gradient, a baseline, the group as baseline, and the clipped ratio with a price for the distance.

References: :cite:t:`williams1992`; :cite:t:`schulman2017`; :cite:t:`shao2024`; :cite:t:`liu2025`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.tensors import has_numbers


class Rollout(NamedTuple):
    """Answers of the policy as it was, with all that a step needs to know about them.

    `old` and `reference` are log-probabilities of their tokens; `kept` says which tokens are
    written; `advantages` how much better than expected each answer, or each token, was.
    """

    answers: Int[Tensor, "answers new"]
    kept: Bool[Tensor, "answers new"]
    old: Float[Tensor, "answers new"]
    reference: Float[Tensor, "answers new"]
    advantages: Float[Tensor, "answers #new"]


def as_they_are(rewards: Float[Tensor, "groups size"]) -> Float[Tensor, "groups size"]:
    """Return the rewards: REINFORCE without a baseline.

    >>> as_they_are(torch.tensor([[0.0, 1.0]]))
    tensor([[0., 1.]])
    """
    return checked_rewards(rewards)


def centered(
    rewards: Float[Tensor, "groups size"], *, unit: float = 1.0
) -> Float[Tensor, "groups size"]:
    r"""Return how much each reward is above its group's mean: :math:`r_i - \bar r`.

    Args:
        rewards: One row for each group: answers to one prompt.
        unit: What the advantages of all groups are measured in.

    Raises:
        ValueError: `unit` is not positive; or as :func:`group_relative`.

    Source: :cite:t:`liu2025`, section 3.2.

    >>> centered(torch.tensor([[0.0, 1.0]]))
    tensor([[-0.5000,  0.5000]])
    """
    if unit <= 0:
        raise ValueError(f"unit is {unit}: pass a positive number")
    return (checked_rewards(rewards) - rewards.mean(dim=-1, keepdim=True)) / unit


def group_relative(rewards: Float[Tensor, "groups size"]) -> Float[Tensor, "groups size"]:
    r"""Return each reward's distance from its group's mean, in standard deviations of the group.

    .. math:: A_i = \frac{r_i - \bar r}{\operatorname{std}(r)}

    Where all rewards of a group are equal there is nothing to learn, and the advantages are 0.

    Args:
        rewards: One row for each group: answers to one prompt.

    Raises:
        ValueError: The rewards are no decimal numbers, are not finite, or a group has but one.

    Source: :cite:t:`shao2024`, section 4.1.2.

    >>> group_relative(torch.tensor([[0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]))
    tensor([[-0.8660,  0.8660,  0.8660, -0.8660],
            [ 0.0000,  0.0000,  0.0000,  0.0000]])
    """
    above = centered(rewards)
    deviation = rewards.std(dim=-1, keepdim=True)
    return torch.where(deviation > 0, above / deviation.where(deviation > 0, 1), 0)


def checked_rewards(rewards: Tensor) -> Tensor:
    """Return the rewards of some groups, or say why they cannot be compared."""
    if not rewards.is_floating_point():
        raise ValueError(f"the rewards are {rewards.dtype}: pass decimal numbers")
    if rewards.shape[-1] < 2:
        raise ValueError("a group has fewer than two answers: pass at least two, to be compared")
    if has_numbers(rewards) and not rewards.isfinite().all():
        raise ValueError("a reward is not a finite number: look at what computes it")
    return rewards


def reinforce_loss(logs: Float[Tensor, "answers new"], rollout: Rollout) -> Float[Tensor, ""]:
    r"""Return the loss whose gradient is the policy gradient.

    .. math:: -\frac{1}{n} \sum_i A_i \ln \pi(y_i)

    Args:
        logs: The policy's log-probabilities of the answers' tokens, 0 after the end.
        rollout: The answers with their advantages, which carry no gradient.

    Source: :cite:t:`williams1992`, equation 11.

    >>> logs = torch.tensor([[0.5]]).log()
    >>> one = torch.ones(1, 1)
    >>> reinforce_loss(logs, Rollout(one.long(), one.bool(), logs, logs, 2 * one)).exp()
    tensor(4.)
    """
    return -(logs * rollout.advantages).sum(dim=-1).mean()


def clipped(
    logs: Float[Tensor, "answers new"],
    old: Float[Tensor, "answers new"],
    advantages: Float[Tensor, "answers #new"],
    *,
    epsilon: float,
) -> Float[Tensor, "answers new"]:
    r"""Return PPO's objective for each token: no gain from leaving the old policy by more.

    .. math:: \min\left(\rho A, \operatorname{clip}(\rho, 1 - \epsilon, 1 + \epsilon)\, A\right),
        \qquad \rho = \frac{\pi(y_t)}{\pi_\text{old}(y_t)}

    Args:
        logs: The policy's log-probabilities.
        old: Those of the policy that drew the answers.
        advantages: One for each answer, or for each token.
        epsilon: How far the ratio may go.

    Source: :cite:t:`schulman2017`, equation 7.

    >>> doubled, old, one = torch.tensor([[2.0]]).log(), torch.zeros(1, 1), torch.ones(1, 1)
    >>> clipped(doubled, old, one, epsilon=0.2)
    tensor([[1.2000]])
    >>> clipped(doubled, old, -one, epsilon=0.2)
    tensor([[-2.]])
    """
    ratio = (logs - old).exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - epsilon, 1 + epsilon) * advantages)


def distance_estimate(
    logs: Float[Tensor, "answers new"], reference: Float[Tensor, "answers new"]
) -> Float[Tensor, "answers new"]:
    r"""Return an estimate, never negative, of the distance from the reference at each token.

    .. math:: \frac{\pi_\text{ref}}{\pi} - \ln \frac{\pi_\text{ref}}{\pi} - 1

    Source: :cite:t:`shao2024`, equation 4.

    >>> distance_estimate(torch.tensor([[0.0]]), torch.tensor([[0.0]]))
    tensor([[0.]])
    """
    above = reference - logs
    return above.exp() - above - 1


def grpo_loss(
    logs: Float[Tensor, "answers new"], rollout: Rollout, *, beta: float, epsilon: float = 0.2
) -> Float[Tensor, ""]:
    r"""Return the loss of group relative policy optimization.

    .. math:: -\frac{1}{n} \sum_i \frac{1}{|y_i|} \sum_t \left(
        \text{clipped}_{i, t} - \beta\, \text{distance}_{i, t}\right)

    Args:
        logs: The policy's log-probabilities of the answers' tokens.
        rollout: The answers, with one advantage each.
        beta: The price of a nat.
        epsilon: How far a ratio may go.

    Source: :cite:t:`shao2024`, equation 3.

    >>> logs, one = torch.tensor([[0.5]]).log(), torch.ones(1, 1)
    >>> grpo_loss(logs, Rollout(one.long(), one.bool(), logs, logs, one), beta=0.1)
    tensor(-1.)
    """
    each = clipped(logs, rollout.old, rollout.advantages, epsilon=epsilon)
    each = each - beta * distance_estimate(logs, rollout.reference)
    return -((each * rollout.kept).sum(dim=-1) / rollout.kept.sum(dim=-1)).mean()


def evenly_weighted_loss(
    logs: Float[Tensor, "answers new"], rollout: Rollout, *, beta: float, epsilon: float = 0.2
) -> Float[Tensor, ""]:
    r"""Return GRPO's loss with each token counted alike, however long its answer is.

    The sum over tokens is divided by the longest possible answer's length, a constant. With
    :func:`centered` advantages this is the loss of "GRPO done right" (Dr. GRPO).

    Args:
        logs: The policy's log-probabilities of the answers' tokens.
        rollout: The answers, with one advantage each.
        beta: The price of a nat.
        epsilon: How far a ratio may go.

    Source: :cite:t:`liu2025`, section 3.2.

    >>> logs, one = torch.tensor([[0.5]]).log(), torch.ones(1, 1)
    >>> evenly_weighted_loss(logs, Rollout(one.long(), one.bool(), logs, logs, one), beta=0.1)
    tensor(-1.)
    """
    each = clipped(logs, rollout.old, rollout.advantages, epsilon=epsilon)
    each = each - beta * distance_estimate(logs, rollout.reference)
    return -((each * rollout.kept).sum(dim=-1) / each.shape[-1]).mean()
