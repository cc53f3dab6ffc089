r"""Objectives: what a language model is trained to do, and what its loss is compared with.

Losses are in nats: :math:`-\ln p`, for the probability that the model gave to the right token.
A model that knows nothing, and gives each token of the vocabulary the same probability, has a
loss of :math:`\ln \text{vocab}`.

References: :cite:t:`radford2019`, equation 1; transformers' losses are the tests' oracle.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.tensors import has_numbers

IGNORED = -100  # the label that is not scored, as in transformers


def shifted_cross_entropy(
    logits: Float[Tensor, "batch tokens vocab"], labels: Int[Tensor, "batch tokens"]
) -> Float[Tensor, ""]:
    r"""Score each position on the token *after* it, and return the mean.

    .. math:: L = -\frac 1N \sum_t \ln p(x_{t+1} \mid x_1, \dots, x_t)

    Args:
        logits: What the model says at each position.
        labels: The tokens that it read. Where the label is −100, nothing is scored: padding,
            or a question of which only the answer counts.

    Raises:
        ValueError: The texts are shorter than two tokens, or nothing is to be scored.

    Source: :cite:t:`radford2019`, equation 1.

    >>> logits = torch.tensor([[[0.0, 9.0], [9.0, 0.0], [0.0, 0.0]]])  # expects 1, then 0
    >>> shifted_cross_entropy(logits, torch.tensor([[0, 1, 0]])).item() < 0.001
    True
    """
    if labels.shape[-1] < 2:
        raise ValueError("a text of one token has no next token: pass at least two")
    return _cross_entropy(logits[:, :-1], labels[:, 1:])


def unshifted_cross_entropy(
    logits: Float[Tensor, "batch tokens vocab"], labels: Int[Tensor, "batch tokens"]
) -> Float[Tensor, ""]:
    """Score each position on the token that *stands there*: a bug that makes copying perfect.

    It is kept here to be shown. The arguments are those of :func:`shifted_cross_entropy`.

    >>> logits = torch.tensor([[[9.0, 0.0], [0.0, 9.0]]])  # says what it reads
    >>> unshifted_cross_entropy(logits, torch.tensor([[0, 1]])).item() < 0.001
    True
    """
    return _cross_entropy(logits, labels)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    if has_numbers(labels) and not (labels != IGNORED).any():
        raise ValueError("no label is left to score: pass at least one that is not -100")
    return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)


def next_token_loss(model: nn.Module, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, ""]:
    """Return a model's loss on texts, in nats a token: the objective of GPT.

    >>> from lessons.families import small_decoder
    >>> next_token_loss(small_decoder(10, positions=4), torch.tensor([[1, 2, 3]])).shape
    torch.Size([])
    """
    return shifted_cross_entropy(model(ids), ids)


def same_token_loss(model: nn.Module, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, ""]:
    """Return the loss of the objective that has the bug, to see where it leads.

    >>> from lessons.families import small_decoder
    >>> same_token_loss(small_decoder(10, positions=4), torch.tensor([[1, 2, 3]])).shape
    torch.Size([])
    """
    return unshifted_cross_entropy(model(ids), ids)


def unigram_entropy(ids: Int[Tensor, "*any"], vocab: int) -> float:
    r"""Return the loss of the best model that ignores the context, in nats a token.

    .. math:: -\sum_v f_v \ln f_v, \qquad f_v = \text{the share of token } v

    Args:
        ids: A text.
        vocab: How many tokens there are.

    Raises:
        ValueError: The text is empty.

    Source: :cite:t:`shannon1948`, section 6.

    >>> round(unigram_entropy(torch.tensor([0, 1, 0, 1]), vocab=3), 4)  # ln 2
    0.6931
    """
    if ids.numel() == 0:
        raise ValueError("the text is empty: pass at least one token")
    shares = torch.bincount(ids.flatten(), minlength=vocab).double() / ids.numel()
    return -torch.special.xlogy(shares, shares).sum().item()
