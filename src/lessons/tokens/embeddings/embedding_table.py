r"""Embedding: from token ids to vectors, by looking up rows of a table.

The table is a parameter of the model: training moves its rows. The lookup itself computes
nothing, and gives the same row for the same id, whatever stands around it.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.tensors import has_numbers


def look_up(
    ids: Int[Tensor, " tokens"], table: Float[Tensor, "vocab d_model"]
) -> Float[Tensor, "tokens d_model"]:
    r"""Return the row of each id.

    .. math:: x_i = E_{t_i}

    Args:
        ids: The tokens :math:`t_i`.
        table: :math:`E`, a row for each token of the vocabulary.

    Raises:
        ValueError: An id is not in the vocabulary.

    Source: :cite:t:`vaswani2017`, section 3.4.

    >>> look_up(torch.tensor([2, 0]), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    tensor([[5., 6.],
            [1., 2.]])
    """
    _check(ids, len(table))
    return table[ids]


def one_hot(ids: Int[Tensor, " tokens"], vocab: int) -> Float[Tensor, "tokens vocab"]:
    r"""Return a row for each id that is 1 in the id's place and 0 elsewhere.

    Multiplied by the table, it picks the same rows as :func:`look_up`, with ``vocab`` times the
    multiplications and additions: :math:`x = O E`.

    Args:
        ids: The tokens.
        vocab: How many tokens there are.

    Raises:
        ValueError: An id is not in the vocabulary.

    >>> one_hot(torch.tensor([2, 0]), 3)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    _check(ids, vocab)
    return (ids[:, None] == torch.arange(vocab, device=ids.device)).float()


def _check(ids: Tensor, vocab: int) -> None:
    if not has_numbers(ids):
        return
    wrong = ids[(ids < 0) | (ids >= vocab)]
    if len(wrong):
        raise ValueError(
            f"token id {int(wrong[0])} is not in the vocabulary of {vocab}: encode the text with "
            "the tokenizer that belongs to this table"
        )
