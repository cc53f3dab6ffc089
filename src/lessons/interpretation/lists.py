r"""Lists said twice: the text on which induction shows, and its counterpart for patching.

Random words in random order can't be guessed; the second time they can be copied, and nothing
but the first time tells them.

Reference: :cite:t:`olsson2022`, who test induction heads on repeated random tokens.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.models.grammar import Sentence, repeat
from lessons.models.grammar.draws import distinct
from lessons.models.loading.loader import Loaded


def said_twice(
    loaded: Loaded, count: int, *, length: int = 10, seed: int = 0
) -> Int[Tensor, "batch tokens"]:
    """Return lists of different random words, each said twice, as a decoder's tokens.

    Args:
        loaded: The book's decoder.
        count: How many lists.
        length: How many words a list has.
        seed: Decides which.

    >>> from lessons.models import load
    >>> ids = said_twice(load("decoder", source="book"), 2, length=3)
    >>> ids.shape, torch.equal(ids[:, :3], ids[:, 3:])
    (torch.Size([2, 6]), True)
    """
    drawn = distinct(lambda rng: repeat(rng, length=length), f"said twice/{seed}", count)
    return loaded.tokenizer([one.text for one in drawn], return_tensors="pt").input_ids


def exchange_word(ids: Int[Tensor, "batch tokens"], place: int) -> Int[Tensor, "batch tokens"]:
    """Return the texts with another word at one place: one of other texts, new to this one.

    Args:
        ids: At least two texts.
        place: Where the word is exchanged.

    Raises:
        ValueError: No other text has a word that a text lacks.

    >>> exchange_word(torch.tensor([[1, 2, 3], [1, 5, 3]]), 1)
    tensor([[1, 5, 3],
            [1, 2, 3]])
    """
    exchanged = ids.clone()
    for row, text in enumerate(ids):
        others = ids.roll(-row - 1, dims=0)[:-1, place].tolist()
        new = [word for word in others if word not in text]
        if not new:
            raise ValueError("the texts have the same words: pass more of them")
        exchanged[row, place] = new[0]
    return exchanged


@torch.no_grad()
def copied_right(loaded: Loaded, lists: Sequence[Sentence]) -> Float[Tensor, " batch"]:
    """Return, for each list, which share of its repeated words but the first the decoder predicts.

    Args:
        loaded: The book's decoder.
        lists: Of the grammar's `repeat`; they may differ in length.

    >>> from lessons.models import load
    >>> words = ("dog", "cat", "key", "dog", "cat", "key")
    >>> one = Sentence(words, "repeat", repeats=((3, 0), (4, 1), (5, 2)))
    >>> copied_right(load("decoder", source="book"), [one])
    tensor([1.])
    """
    batch = loaded.tokenizer([one.text for one in lists], padding=True, return_tensors="pt")
    said, ids = loaded.model(**batch).logits.argmax(dim=-1), batch.input_ids
    shares = []
    for row, one in enumerate(lists):
        asked = torch.tensor([place for place, _ in one.repeats[1:]])
        shares.append((said[row, asked - 1] == ids[row, asked]).float().mean())
    return torch.stack(shares)


@torch.no_grad()
def copied_share(model: nn.Module, ids: Int[Tensor, "batch tokens"]) -> float:
    """Return which share of the second halves of texts that are said twice a decoder predicts.

    The first token of a second half can't be known; all others follow from the first half.

    Args:
        model: A decoder of transformers.
        ids: Texts whose second half repeats the first.

    Raises:
        ValueError: A second half is another than the first.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> copied_share(decoder.model, said_twice(decoder, 20)) > 0.9
    True
    """
    length = ids.shape[-1] // 2
    if ids.shape[-1] % 2 or not torch.equal(ids[:, :length], ids[:, length:]):
        raise ValueError("the second half is not the first one again: pass texts said twice")
    said = model(ids).logits[:, length:-1].argmax(dim=-1)
    return (said == ids[:, length + 1 :]).float().mean().item()
