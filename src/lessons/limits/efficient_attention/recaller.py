r"""A model that looks once into a memory of pairs, in one of five ways.

By softmax over all pairs, by softmax over the last ones, or from the fixed table of linear
attention: with its features and its denominator, with the features alone, or with neither. The rest
of the model is the same.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lessons.attention import scaled_dot_product_attention
from lessons.limits.efficient_attention.associative_recall import NAMES, THINGS, Asked
from lessons.limits.efficient_attention.linear_attention import positive_features


def read_by_softmax(
    query: Float[Tensor, "texts 1 d_head"],
    key: Float[Tensor, "texts pairs d_head"],
    value: Float[Tensor, "texts pairs d_head"],
) -> Float[Tensor, "texts 1 d_head"]:
    """Read all pairs by scaled dot-product attention.

    >>> read_by_softmax(torch.ones(1, 1, 2), torch.ones(1, 3, 2), torch.ones(1, 3, 2))
    tensor([[[1., 1.]]])
    """
    return scaled_dot_product_attention(query, key, value)[0]


def read_last(width: int) -> Callable:
    """Return what reads the last `width` pairs by scaled dot-product attention.

    >>> x = torch.tensor([[[1.0], [5.0]]])
    >>> read_last(1)(torch.ones(1, 1, 1), x, x)
    tensor([[[5.]]])
    """

    def read(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return read_by_softmax(query, key[:, -width:], value[:, -width:])

    return read


def read_linearly(
    query: Float[Tensor, "texts 1 d_head"],
    key: Float[Tensor, "texts pairs d_head"],
    value: Float[Tensor, "texts pairs d_head"],
) -> Float[Tensor, "texts 1 d_head"]:
    """Read all pairs by linear attention, from a table that does not grow with them.

    >>> read_linearly(torch.ones(1, 1, 2), torch.ones(1, 3, 2), torch.ones(1, 3, 2))
    tensor([[[1., 1.]]])
    """
    query, key = positive_features(query), positive_features(key)
    table, total = key.mT @ value, key.sum(dim=1, keepdim=True)
    return query @ table / (query * total).sum(dim=-1, keepdim=True)


def read_by_features(
    query: Float[Tensor, "texts 1 d_head"],
    key: Float[Tensor, "texts pairs d_head"],
    value: Float[Tensor, "texts pairs d_head"],
) -> Float[Tensor, "texts 1 d_head"]:
    """Read all pairs from the same table, with its features and without a denominator.

    >>> read_by_features(torch.zeros(1, 1, 2), torch.zeros(1, 3, 2), torch.ones(1, 3, 2))
    tensor([[[6., 6.]]])
    """
    return read_by_products(positive_features(query), positive_features(key), value)


def read_by_products(
    query: Float[Tensor, "texts 1 d_head"],
    key: Float[Tensor, "texts pairs d_head"],
    value: Float[Tensor, "texts pairs d_head"],
) -> Float[Tensor, "texts 1 d_head"]:
    """Read all pairs from the same table, without features and without a denominator.

    >>> read_by_products(torch.ones(1, 1, 2), torch.ones(1, 3, 2), torch.ones(1, 3, 2))
    tensor([[[6., 6.]]])
    """
    return query @ (key.mT @ value)


class Recaller(nn.Module):
    """One look into a memory of pairs; how it looks is passed in.

    Args:
        read: From a query, keys and values to what is read.
        d_head: The numbers in each of them.
        seed: Decides the first weights.

    >>> from lessons.limits import draw_recall
    >>> asked = draw_recall(torch.Generator().manual_seed(0), pairs=3, texts=2)
    >>> Recaller(read_by_softmax)(asked).shape
    torch.Size([2, 16])
    """

    def __init__(self, read: Callable, *, d_head: int = 16, seed: int = 0):
        super().__init__()
        self.read = read
        self.query, self.key = nn.Embedding(NAMES, d_head), nn.Embedding(NAMES, d_head)
        self.value, self.answer = nn.Embedding(THINGS, d_head), nn.Linear(d_head, THINGS)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.normal_(std=parameter.shape[-1] ** -0.5, generator=generator)

    def forward(self, text: Asked) -> Float[Tensor, "texts things"]:
        """Return a logit for each thing."""
        key, value = self.key(text.names), self.value(text.things)
        return self.answer(self.read(self.query(text.asked)[:, None], key, value)[:, 0])


def recall_loss(model: Recaller, text: Asked) -> Float[Tensor, ""]:
    """Return the mean loss of the answers, in nats.

    >>> from lessons.limits import draw_recall
    >>> text = draw_recall(torch.Generator().manual_seed(0), pairs=3)
    >>> recall_loss(Recaller(read_by_softmax), text).item() > 0
    True
    """
    return F.cross_entropy(model(text), text.answer)


@torch.no_grad()
def share_recalled(model: Recaller, text: Asked) -> float:
    """Return the share of texts whose likeliest thing is the right one.

    >>> from lessons.limits import draw_recall
    >>> text = draw_recall(torch.Generator().manual_seed(0), pairs=3)
    >>> 0 <= share_recalled(Recaller(read_by_softmax), text) <= 1
    True
    """
    return (model(text).argmax(dim=-1) == text.answer).double().mean().item()
