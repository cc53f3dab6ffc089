r"""Nearest mean: classify by an encoder's vectors without training anything.

A few labeled texts give each label a mean vector; a new text gets the label whose mean is nearest.

Reference: :cite:t:`snell2017`, whose prototypes these are.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def nearest_mean(
    vectors: Float[Tensor, "texts d_model"],
    examples: Float[Tensor, "examples d_model"],
    labels: Sequence[int],
) -> Int[Tensor, " texts"]:
    r"""Return for each vector the label of the examples whose mean is nearest, by cosine.

    .. math:: \hat y = \operatorname{argmax}_c \cos\Bigl(x,\;
        \frac{1}{|S_c|} \sum_{i \in S_c} x_i\Bigr)

    Args:
        vectors: What is to be classified.
        examples: Vectors whose labels are known.
        labels: Their labels.

    Raises:
        ValueError: There are not as many labels as examples, or none.

    Source: :cite:t:`snell2017`, with the cosine in place of the squared distance.

    >>> nearest_mean(torch.tensor([[3.0, 1.0]]), torch.eye(2), [7, 8])
    tensor([7])
    """
    if not labels or len(labels) != len(examples):
        raise ValueError(f"{len(examples)} examples, {len(labels)} labels: pass one label for each")
    known = torch.tensor(labels, device=vectors.device)
    kinds = known.unique()
    means = torch.stack([examples[known == kind].mean(dim=0) for kind in kinds])
    cosine = torch.nn.functional.cosine_similarity(vectors[:, None], means[None], dim=-1)
    return kinds[cosine.argmax(dim=-1)]


def leave_one_out(
    vectors: Float[Tensor, "texts d_model"], labels: Sequence[int]
) -> Bool[Tensor, " texts"]:
    """Classify each vector by the means of all the others; return where that was right.

    Args:
        vectors: A vector for each text.
        labels: The true labels, each of at least two texts.

    Raises:
        ValueError: There are not as many labels as vectors, or a label stands there once.

    >>> leave_one_out(torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]]), [0, 0, 1, 1])
    tensor([True, True, True, True])
    """
    if any(list(labels).count(label) < 2 for label in labels):
        raise ValueError("a label stands there once: pass at least two texts of each")
    right = []
    for place, label in enumerate(labels):
        rest = [other for other in range(len(labels)) if other != place]
        known = [labels[other] for other in rest]
        right.append(nearest_mean(vectors[place : place + 1], vectors[rest], known)[0] == label)
    return torch.stack(right)


def share_found(
    vectors: Mapping[str, Float[Tensor, "texts d_model"]], labels: Mapping[str, Sequence[int]]
) -> float:
    """Return how often :func:`leave_one_out` is right, over several sets of vectors together.

    Args:
        vectors: For each set, such as each of several words, a vector for each text.
        labels: The labels of each set.

    Raises:
        ValueError: The sets have different names, or one has a label too few.

    >>> vectors = torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]])
    >>> share_found({"plant": vectors}, {"plant": [0, 0, 1, 1]})
    1.0
    """
    if vectors.keys() != labels.keys():
        raise ValueError("pass labels for the same sets as vectors")
    right = [leave_one_out(vectors[name], labels[name]) for name in vectors]
    return float(torch.cat(right).float().mean())


def bag_of_words(texts: Sequence[str]) -> Float[Tensor, "texts words"]:
    """Return how often each text holds each word: vectors that know no context.

    Raises:
        ValueError: There is no word.

    >>> bag_of_words(["A dog.", "a cat, a dog"])
    tensor([[1., 0., 1.],
            [2., 1., 1.]])
    """
    words = [
        "".join(sign if sign.isalnum() else " " for sign in text.lower()).split() for text in texts
    ]
    vocabulary = sorted({word for text in words for word in text})
    if not vocabulary:
        raise ValueError("there is no word: pass at least one text that has some")
    return torch.tensor([[float(text.count(word)) for word in vocabulary] for text in words])
