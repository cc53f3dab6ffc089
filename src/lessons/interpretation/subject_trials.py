"""Which head tells the verb its subject's number: one that writes of another subject turns it.

The beginnings have one form, such as *the key near the tables*, the other noun of the other
number; words of the grammar for the book's decoder, of plain English for others.

Reference: :cite:t:`vig2020`, for the exchange of what a part writes.
"""

import itertools
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.interpretation.patching import patch_sites, record_heads
from lessons.interpretation.sites import Head
from lessons.models.grammar import book_splits
from lessons.models.grammar.lexicon import THINGS
from lessons.models.judging.model_scores import Score, proportion
from lessons.models.loading.loader import Loaded
from lessons.models.open_english.attractors import NOUNS, PLACES, plural
from lessons.models.open_english.item import capitalized, half

FORM = "the {subject} near the {other}"


class Beginnings(NamedTuple):
    """Beginnings of sentences, the same with the subject's other number, and two forms of *be*.

    Args:
        ids: The beginnings.
        other: The same, but for the number of the subject.
        right: The form that fits the subject of `ids`.
        wrong: The other one.
    """

    ids: Int[Tensor, "batch tokens"]
    other: Int[Tensor, "batch tokens"]
    right: Int[Tensor, " batch"]
    wrong: Int[Tensor, " batch"]


def number_beginnings(
    loaded: Loaded, *, split: str = "test", count: int = 40, form: str = FORM
) -> Beginnings:
    """Return beginnings of one form, and the same with the subject's other number.

    Args:
        loaded: A decoder; words of the grammar are for the book's.
        split: "validation" or "test": in the grammar other pairs of nouns, in English other nouns.
        count: How many; singular and plural subjects in turn.
        form: Where the nouns stand: `{subject}`, and if need be another one, `{other}` with the
            subject's other number, `{same}` with its number. The other noun never changes.

    Raises:
        ValueError: There is no such split, there are not so many pairs of nouns, or the form has
            no subject.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> some = number_beginnings(decoder, count=2)
    >>> [text.split()[2:4] for text in decoder.tokenizer.batch_decode(some.ids)]
    [['near', 'the'], ['near', 'the']]
    >>> (some.ids != some.other).sum(dim=0).tolist()
    [0, 2, 0, 0, 0]
    """
    if "{subject}" not in form:
        raise ValueError(f"the form {form!r} has no subject: pass one such as {FORM!r}")
    if split not in ("validation", "test"):
        raise ValueError(f"there is no split {split!r} here: pass 'validation' or 'test'")
    tokenizer, book = loaded.tokenizer, loaded.source == "book"
    nouns = _grammar_nouns(split) if book else _english_nouns(loaded, split)
    if count > len(nouns):
        raise ValueError(f"count = {count}: pass at most {len(nouns)}, for no pair comes twice")
    random.Random(split).shuffle(nouns)
    texts: tuple[list[str], list[str]] = ([], [])
    for many, (subject, near) in zip(itertools.cycle((0, 1)), nouns[:count]):
        for of, number in zip(texts, (many, 1 - many), strict=True):
            nouns_of = {"subject": subject[number], "same": near[many], "other": near[1 - many]}
            of.append(form.format(**nouns_of) if book else capitalized(form.format(**nouns_of)))
    ids, other = (torch.tensor(tokenizer(of).input_ids) for of in texts)
    forms = torch.tensor([tokenizer(f" {form}").input_ids[0] for form in ("is", "are")])
    fits = torch.arange(count) % 2
    return Beginnings(ids, other, forms[fits], forms[1 - fits])


def verbs_turned(
    loaded: Loaded, beginnings: Beginnings, groups: Iterable[Sequence[Head]]
) -> Bool[Tensor, "groups batch"]:
    """Say where the wrong form is likelier while heads write what they would of the other subject.

    Args:
        loaded: The decoder.
        beginnings: Of :func:`number_beginnings`.
        groups: Heads that write so together; none: the decoder is left alone.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> some = number_beginnings(decoder)
    >>> alone, neighbor, one = verbs_turned(decoder, some, [[], [(2, 1)], [(2, 2)]])
    >>> bool(alone.any()), bool(neighbor.any()), bool(one.all())
    (False, False, True)
    """
    return torch.stack([lead < 0 for lead in _leads(loaded, beginnings, groups)])


def deciding_head(loaded: Loaded, beginnings: Beginnings, *, tried: int = 12) -> Head:
    """Return the head that moves the verb farthest, of those that look most at the subject.

    Args:
        loaded: The decoder.
        beginnings: Those that choose.
        tried: How many heads write of the other subject, each alone. They are those with the most
            weight from the last token to the subject's noun.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> deciding_head(decoder, number_beginnings(decoder, split="validation"))
    (2, 2)
    """
    with torch.inference_mode():
        maps = loaded.model.base_model(beginnings.ids, output_attentions=True).attentions
        subject = int((beginnings.ids != beginnings.other).any(dim=0).nonzero())
        looks = torch.stack([one[:, :, -1, subject].mean(dim=0) for one in maps])
    best = looks.flatten().topk(min(tried, looks.numel())).indices.tolist()
    heads = [divmod(at, looks.shape[1]) for at in best]
    moved = torch.stack([lead.mean() for lead in _leads(loaded, beginnings, [[h] for h in heads])])
    return heads[int(moved.argmin())]


def score_telling(
    loaded: Loaded, choosing: Beginnings, asked: Beginnings, *, tried: int = 12
) -> Score:
    """Score in how many beginnings one head turns the verb, beside the others of its layer.

    Args:
        loaded: The decoder.
        choosing: Beginnings that choose the head.
        asked: Others.
        tried: As for :func:`deciding_head`.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> halves = [number_beginnings(decoder, split=part) for part in ("validation", "test")]
    >>> score = score_telling(decoder, *halves)
    >>> score.head, score.value, score.baselines
    ((2, 2), 1.0, {'the others of its layer': 0.0, 'a coin': 0.5})
    """
    layer, at = head = deciding_head(loaded, choosing, tried=tried)
    heads = loaded.model.config.num_attention_heads
    others = [(layer, other) for other in range(heads) if other != at]
    one, rest = verbs_turned(loaded, asked, [[head], others])
    baselines = {"the others of its layer": rest.double().mean().item(), "a coin": 0.5}
    return proportion("turns the verb", one.tolist(), head=head, baselines=baselines)


@torch.inference_mode()
def _leads(
    loaded: Loaded, beginnings: Beginnings, groups: Iterable[Sequence[Head]]
) -> list[Float[Tensor, " batch"]]:
    """Return the right form's logit over the wrong one's, for each group of heads."""
    model, (ids, other, right, wrong) = loaded.model, beginnings
    with record_heads(model) as written:
        model(other)
    leads = []
    for heads in groups:
        with patch_sites(model, {head: written[head] for head in heads}):
            said = model(ids, logits_to_keep=1).logits[:, -1]
        leads.append(said.gather(1, right[:, None])[:, 0] - said.gather(1, wrong[:, None])[:, 0])
    return leads


def _grammar_nouns(split: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return pairs of nouns, singular and plural each, that belong to a split of the grammar."""
    splits = book_splits()
    return [
        ((one.singular, one.plural), (near.singular, near.plural))
        for one, near in itertools.permutations(THINGS, 2)
        if frozenset({one.singular, near.singular}) in getattr(splits, split)
    ]


def _english_nouns(loaded: Loaded, split: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return pairs of plain nouns of a split, all of whose forms are one token."""

    def known(nouns: tuple[str, ...]) -> list[tuple[str, str]]:
        both = [(noun, plural(noun)) for noun in half(nouns, split)]
        return [
            forms
            for forms in both
            if all(len(loaded.tokenizer(f" {form}").input_ids) == 1 for form in forms)
        ]

    return list(itertools.product(known(NOUNS), known(PLACES)))
