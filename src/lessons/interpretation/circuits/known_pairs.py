r"""Pairs of texts that differ in one thing, so that what changes is known, and who should notice.

In *the key near the tables* only the subject decides between *is* and *are*; change its number
and the right answer becomes the wrong one. In a list that is said twice only the word before
tells which word comes next; exchange two such words and another one is right.

References: :cite:t:`linzen2016` for agreement; :cite:t:`vig2020` for pairs in patching.
"""

import random
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.interpretation.behavior import logit_margins
from lessons.interpretation.lists import said_twice
from lessons.models.grammar import Sentence, lexicon
from lessons.models.judging.choices import agreement_choices
from lessons.models.loading.loader import Loaded
from lessons.models.texts.agreement_text import END

OTHER_NUMBER = {a: b for noun in lexicon.NOUNS for a, b in (noun[:2], noun[1::-1])}


class Pairs(NamedTuple):
    """Clean and corrupted texts, pair by pair, and the two answers between which a model decides.

    `right` is what follows a clean text, `wrong` what follows its corrupted one.
    """

    clean: Int[Tensor, "batch tokens"]
    corrupted: Int[Tensor, "batch tokens"]
    right: Int[Tensor, " batch"]
    wrong: Int[Tensor, " batch"]

    def margins(
        self, model: nn.Module, ids: Int[Tensor, "batch tokens"]
    ) -> Float[Tensor, " batch"]:
        """Return how far one of our decoders prefers the right answer after each text."""
        return logit_margins(model(ids)[:, -1], self.right, self.wrong)


def number_pairs(loaded: Loaded, count: int, *, word: int = 2, seed: int = 0) -> Pairs:
    """Return held-out beginnings such as *the key near the tables*, and a noun's number changed.

    Each stands after the token that ends the sentence before. The nearer noun always has another
    number than the subject, before anything is changed.

    Args:
        loaded: The book's decoder.
        count: How many.
        word: Whose number is changed: 2 the subject's, 5 the nearer noun's. Where it is the
            nearer noun's, the right answer remains the right one.
        seed: Decides which.

    Raises:
        ValueError: At `word` stands no noun.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> one = number_pairs(decoder, 1)
    >>> decoder.tokenizer.decode(one.clean[0, 1:]), decoder.tokenizer.decode(one.corrupted[0, 1:])
    ('the bags near the trunk', 'the bag near the trunk')
    """
    if word not in (2, 5):
        raise ValueError(f"word {word} is no noun: pass 2 for the subject, 5 for the nearer noun")
    choices = agreement_choices(count, seed=seed, keep=_is_plain)
    known = loaded.tokenizer.get_vocab() | {END: loaded.tokenizer.eos_token_id}
    rows, answers = [], []
    for text, right, wrong in choices:
        words = [END, *text.split()]
        changed = [OTHER_NUMBER[one] if at == word else one for at, one in enumerate(words)]
        rows.append([[known[one] for one in some] for some in (words, changed)])
        answers.append([known[right], known[wrong]])
    clean, corrupted = torch.tensor(rows).unbind(dim=1)
    right_ids, wrong_ids = torch.tensor(answers).unbind(dim=1)
    return Pairs(clean, corrupted, right_ids, wrong_ids)


def swapped_lists(
    loaded: Loaded, count: int, *, first: int = 3, second: int = 6, seed: int = 0
) -> Pairs:
    """Return lists that are said twice, up to the second time of one word, and two words swapped.

    A clean text is *… car dog … hat cup … car*: dog is right. In the corrupted one *car* and
    *hat* have changed places the first time: cup is right.

    Args:
        loaded: The book's decoder.
        count: How many.
        first: The place of the word at whose second time the text ends.
        second: The place of the word with which it is swapped.
        seed: Decides which.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> one = swapped_lists(decoder, 1, first=0, second=2)
    >>> torch.equal(one.clean[:, [0, 2, 10]], one.corrupted[:, [2, 0, 10]])
    True
    """
    ids = said_twice(loaded, count, seed=seed)
    clean = ids[:, : ids.shape[1] // 2 + first + 1]
    corrupted = clean.clone()
    corrupted[:, [first, second]] = clean[:, [second, first]]
    return Pairs(clean, corrupted, ids[:, first + 1], ids[:, second + 1])


def other_rows(
    groups: Sequence[Hashable], *, seed: int = 0
) -> tuple[Int[Tensor, " batch"], Int[Tensor, " batch"]]:
    """Draw for each row another one of its own group, and one of another group.

    What a part wrote there can be put in here: it speaks of another text, in which the thing that
    makes the group is the same, or another.

    Args:
        groups: What each row belongs to, such as its subject's number.
        seed: Decides which rows.

    Raises:
        ValueError: A row is alone in its group, or there is one group only.

    >>> other_rows(["singular", "plural", "singular", "plural"])[0]
    tensor([2, 3, 0, 1])
    """
    draw = random.Random(seed)
    found: tuple[list[int], list[int]] = [], []
    for row, group in enumerate(groups):
        for rows, same in zip(found, (True, False), strict=True):
            fit = [at for at, one in enumerate(groups) if at != row and (one == group) is same]
            if not fit:
                raise ValueError(f"row {row} has no partner: pass two rows or more of each group")
            rows.append(draw.choice(fit))
    return torch.tensor(found[0]), torch.tensor(found[1])


def _is_plain(one: Sentence) -> bool:
    """Say whether a sentence begins with a noun, a preposition and a noun, both with *the*."""
    return one.subjects[-1] == (5, 1) and one.tokens[2] in lexicon.PREPOSITIONS
