r"""Relatives of DPO: losses of the same log-probabilities that differ in a line or two.

References: :cite:t:`azar2024`; :cite:t:`ethayarajh2024`; :cite:t:`hong2024`.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

from lessons.alignment.preference_losses import PairLogs, margins


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
