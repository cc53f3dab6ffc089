r"""Losses of pairs: one answer was preferred to another, and the policy shall learn from that.

All are functions of log-probabilities alone. DPO compares what the policy has gained on the two
answers since the reference; the others differ from it in a line or two.

References: :cite:t:`rafailov2023`; :cite:t:`azar2024`; :cite:t:`ethayarajh2024`;
:cite:t:`hong2024`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid


class PairLogs(NamedTuple):
    """Log-probabilities of preferred and rejected answers, in nats, and their lengths in tokens."""

    chosen: Float[Tensor, " pairs"]
    rejected: Float[Tensor, " pairs"]
    reference_chosen: Float[Tensor, " pairs"]
    reference_rejected: Float[Tensor, " pairs"]
    chosen_tokens: Float[Tensor, " pairs"]
    rejected_tokens: Float[Tensor, " pairs"]


def margins(logs: PairLogs) -> Float[Tensor, " pairs"]:
    r"""Return how much more the policy has gained on the chosen answer than on the rejected one.

    .. math:: h = \ln \frac{\pi(y_w)}{\pi_\text{ref}(y_w)}
        - \ln \frac{\pi(y_l)}{\pi_\text{ref}(y_l)}

    >>> half, quarter = torch.tensor([0.5]).log(), torch.tensor([0.25]).log()
    >>> margins(PairLogs(half, quarter, quarter, half, None, None)).exp()  # 2 against 1/2
    tensor([4.])
    """
    gained = logs.chosen - logs.reference_chosen
    return gained - (logs.rejected - logs.reference_rejected)


def dpo_loss(logs: PairLogs, *, beta: float) -> Float[Tensor, ""]:
    r"""Return the loss of direct preference optimization.

    .. math:: -\ln \sigma(\beta h)

    Args:
        logs: The log-probabilities; the reference's carry no gradient.
        beta: The price of a nat, in units of reward.

    Source: :cite:t:`rafailov2023`, equation 7.

    >>> half = torch.tensor([0.5]).log()
    >>> dpo_loss(PairLogs(half, half, half, half, None, None), beta=0.1)  # ln 2: nothing learned
    tensor(0.6931)
    """
    return -logsigmoid(beta * margins(logs)).mean()


def ipo_loss(logs: PairLogs, *, beta: float) -> Float[Tensor, ""]:
    r"""Return the loss of identity preference optimization: a margin to reach, and to keep.

    .. math:: \left(h - \frac{1}{2 \beta}\right)^2

    Args:
        logs: The log-probabilities.
        beta: The price of a nat; the margin asked for is half of its inverse.

    Source: :cite:t:`azar2024`, equation 17.

    >>> half, quarter = torch.tensor([0.5]).log(), torch.tensor([0.25]).log()
    >>> ipo_loss(PairLogs(half, half, quarter, quarter, None, None), beta=0.5)
    tensor(1.)
    """
    return (margins(logs) - 1 / (2 * beta)).square().mean()


def kto_loss(logs: PairLogs, *, beta: float) -> Float[Tensor, ""]:
    r"""Return a loss that takes the answers one by one: good or bad, without a partner.

    .. math:: 1 - \sigma(\beta (g_w - z)), \qquad 1 - \sigma(\beta (z - g_l))

    where :math:`g` is what the policy gained on an answer, and :math:`z` the mean of it over the
    batch, at least 0, which carries no gradient. (The paper estimates :math:`z` on answers to other
    prompts; here there is one prompt.)

    Args:
        logs: The log-probabilities; which chosen answer stands beside which rejected one does not
            matter.
        beta: How sharply a gain is told from the mean.

    Source: :cite:t:`ethayarajh2024`, section 4.1.

    >>> half = torch.tensor([0.5]).log()
    >>> kto_loss(PairLogs(half, half, half, half, None, None), beta=0.1)
    tensor(0.5000)
    """
    gains = torch.cat(
        [logs.chosen - logs.reference_chosen, logs.rejected - logs.reference_rejected]
    )
    chosen, rejected = (gains - gains.mean().clamp(min=0).detach()).chunk(2)
    return 1 - torch.cat([beta * chosen, -beta * rejected]).sigmoid().mean()


def orpo_loss(logs: PairLogs, *, weight: float) -> Float[Tensor, ""]:
    r"""Return a loss without a reference: likelihood, and the odds of one answer to the other.

    .. math:: -\ln p_w - \lambda \ln \sigma\left(\ln \frac{p_w}{1 - p_w}
        - \ln \frac{p_l}{1 - p_l}\right)

    where :math:`p` is the geometric mean of an answer's token probabilities.

    Args:
        logs: The log-probabilities; the reference's are not looked at.
        weight: :math:`\lambda`.

    Source: :cite:t:`hong2024`, equations 4 and 7.

    >>> one = torch.ones(1)
    >>> half = 0.5 * one
    >>> orpo_loss(PairLogs(half.log(), half.log(), None, None, one, one), weight=0.0).exp()
    tensor(2.)
    """
    chosen = logs.chosen / logs.chosen_tokens
    rejected = logs.rejected / logs.rejected_tokens
    odds = (chosen - torch.log(-torch.expm1(chosen))) - (
        rejected - torch.log(-torch.expm1(rejected))
    )
    return (-chosen - weight * logsigmoid(odds)).mean()


def with_likelihood(logs: PairLogs, *, beta: float, weight: float) -> Float[Tensor, ""]:
    r"""Return DPO's loss, and the surprise at the chosen answer.

    .. math:: -\ln \sigma(\beta h) - \alpha \ln \pi(y_w)

    Args:
        logs: The log-probabilities.
        beta: The price of a nat.
        weight: :math:`\alpha`, what a nat of the chosen answer counts.

    Source: :cite:t:`pang2024`, equation 1, who divide the second term by the answer's length.

    >>> half = torch.tensor([0.5]).log()
    >>> with_likelihood(PairLogs(half, half, half, half, None, None), beta=0.1, weight=1.0).exp()
    tensor(4.)
    """
    return dpo_loss(logs, beta=beta) - weight * logs.chosen.mean()
