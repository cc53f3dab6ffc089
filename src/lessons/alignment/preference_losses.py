r"""Losses of pairs: one answer was preferred to another, and the policy shall learn from that.

Functions of log-probabilities alone. DPO compares what the policy has gained on the two answers
since the reference.

References: :cite:t:`rafailov2023`; :cite:t:`pang2024`.
"""

from typing import NamedTuple

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

    >>> import torch
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

    >>> import torch
    >>> half = torch.tensor([0.5]).log()
    >>> dpo_loss(PairLogs(half, half, half, half, None, None), beta=0.1)  # ln 2: nothing learned
    tensor(0.6931)
    """
    return -logsigmoid(beta * margins(logs)).mean()


def with_likelihood(logs: PairLogs, *, beta: float, weight: float) -> Float[Tensor, ""]:
    r"""Return DPO's loss, and the surprise at the chosen answer.

    .. math:: -\ln \sigma(\beta h) - \alpha \ln \pi(y_w)

    Args:
        logs: The log-probabilities.
        beta: The price of a nat.
        weight: :math:`\alpha`, what a nat of the chosen answer counts.

    Source: :cite:t:`pang2024`, equation 1, who divide the second term by the answer's length.

    >>> import torch
    >>> half = torch.tensor([0.5]).log()
    >>> with_likelihood(PairLogs(half, half, half, half, None, None), beta=0.1, weight=1.0).exp()
    tensor(4.)
    """
    return dpo_loss(logs, beta=beta) - weight * logs.chosen.mean()
