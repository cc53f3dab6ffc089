r"""Lists said twice: the text on which induction shows, and its counterpart for patching.

Random words in random order can't be guessed; the second time they can be copied, and nothing
but the first time tells them.

Reference: :cite:t:`olsson2022`, who test induction heads on repeated random tokens.
"""

import itertools
import random
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.interpretation.items_of_grammar import grammar_items
from lessons.models import english_items
from lessons.models.grammar import Sentence, repeat
from lessons.models.grammar.draws import distinct
from lessons.models.loading.loader import Loaded


def said_twice(
    loaded: Loaded, count: int, *, length: int = 10, seed: int = 0
) -> Int[Tensor, "batch tokens"]:
    """Return lists of different random words of the grammar, each said twice, as tokens.

    Args:
        loaded: A decoder; lists with a word that is more than one token to it are left out.
        count: How many lists.
        length: How many words a list has.
        seed: Decides which.

    >>> from lessons.models import load
    >>> ids = said_twice(load("decoder", source="book"), 2, length=3)
    >>> ids.shape, torch.equal(ids[:, :3], ids[:, 3:])
    (torch.Size([2, 6]), True)
    """

    def draw(rng: random.Random) -> tuple[int, ...]:
        while True:
            # The space before it makes the first word like the others.
            ids = loaded.tokenizer(f" {repeat(rng, length=length).text}").input_ids
            if len(ids) == 2 * length:
                return tuple(ids)

    return torch.tensor(distinct(draw, f"said twice/{seed}", count))


def after_sentences(
    loaded: Loaded, ids: Int[Tensor, "batch tokens"], before: int
) -> Int[Tensor, "batch longer"]:
    """Put the last tokens of some sentences before texts.

    They are items of agreement, of the grammar for the book's decoder, of plain English for others.

    Args:
        loaded: A decoder.
        ids: The texts.
        before: How many tokens stand before each.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> after_sentences(decoder, said_twice(decoder, 2, length=3), 20).shape
    torch.Size([2, 26])
    """
    tokenizer, draw = loaded.tokenizer, grammar_items if loaded.source == "book" else english_items
    texts = [one.text for one in draw("agreement", count=len(ids))]
    told = [[*tokenizer(text).input_ids, tokenizer.eos_token_id] for text in texts]
    rows = []
    for first in range(len(ids)):
        row: list[int] = []
        for at in itertools.count(first):
            row = told[at % len(told)] + row
            if len(row) >= before:
                break
        rows.append(row[len(row) - before :])
    return torch.cat([ids.new_tensor(rows), ids], dim=1)


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
    said = model(ids).logits[:, _second_half(ids) : -1].argmax(dim=-1)
    return (said == ids[:, _second_half(ids) + 1 :]).float().mean().item()


@torch.no_grad()
def copied_sureness(model: nn.Module, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, " batch"]:
    """Return, for each text that is said twice, how sure a decoder is of the second half.

    The mean log-probability of its tokens but the first, in nats: 0 is certain.

    Args:
        model: A decoder of transformers.
        ids: Texts whose second half repeats the first.

    Raises:
        ValueError: A second half is another than the first.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> bool(copied_sureness(decoder.model, said_twice(decoder, 20)).mean() > -0.5)
    True
    """
    return last_sureness(model, ids, ids.shape[-1] - _second_half(ids) - 1)


@torch.no_grad()
def last_sureness(
    model: nn.Module,
    ids: Int[Tensor, "batch tokens"],
    last: int,
    *,
    places: Int[Tensor, " tokens"] | None = None,
) -> Float[Tensor, " batch"]:
    """Return how sure a decoder is of the last tokens: their mean log-probability, in nats.

    Args:
        model: A decoder of transformers.
        ids: The texts.
        last: How many tokens count.
        places: The number of each token's position, if not 0, 1, 2 and so on.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> ids = said_twice(decoder, 8)
    >>> usual = last_sureness(decoder.model, ids, 9)
    >>> torch.equal(usual, last_sureness(decoder.model, ids, 9, places=torch.arange(20)))
    True
    """
    more = {} if places is None else {"position_ids": places[None]}
    said = model(ids, logits_to_keep=last + 1, **more).logits[:, :-1].log_softmax(dim=-1)
    return said.gather(-1, ids[:, -last:, None])[..., 0].mean(dim=1)


def _second_half(ids: Int[Tensor, "batch tokens"]) -> int:
    """Return where the second half begins, which must be the first again."""
    length = ids.shape[-1] // 2
    if ids.shape[-1] % 2 or not torch.equal(ids[:, :length], ids[:, length:]):
        raise ValueError("the second half is not the first one again: pass texts said twice")
    return length
