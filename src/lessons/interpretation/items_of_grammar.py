"""The grammar's sentences as items, so that the same code asks a book model and a pretrained one.

An item names its places by characters, whatever a tokenizer makes of them; see
:mod:`lessons.models.open_english.item`. The sets here are the grammar's counterparts of four of
open English, with the same names.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from lessons.interpretation.edits import front
from lessons.interpretation.truth import noun_places
from lessons.models.grammar import (
    Sentence,
    agreement,
    book_splits,
    finish,
    people,
    repeat,
    split_of,
    winograd,
)
from lessons.models.grammar.draws import distinct, drawing
from lessons.models.open_english.item import Item, half


def as_item(
    one: Sentence,
    asked: int,
    options: Sequence[int],
    truth: int,
    *,
    read: int | None = None,
    wrong: str = "",
) -> Item:
    """Return a sentence as an item.

    Args:
        one: A sentence of the grammar.
        asked: The place of the word that is asked about.
        options: The places among which the answer is.
        truth: Which of them it is.
        read: How many words a decoder reads before it must find the next one. None: it is not
            asked.
        wrong: The word that it must find less likely than the next one.

    >>> item = as_item(Sentence(("the", "keys", "are", "old"), "plain"), 2, [1], 0, read=2)
    >>> item.asked_word, item.option_words, item.prompt + item.right
    ('are', ['keys'], 'the keys are')
    """
    ends = [len(" ".join(one.tokens[: at + 1])) for at in range(len(one.tokens))]
    spans = [(end - len(word), end) for end, word in zip(ends, one.tokens, strict=True)]
    return Item(
        one.text,
        spans[asked],
        tuple(spans[at] for at in options),
        truth,
        prompt="" if read is None else " ".join(one.tokens[:read]),
        right="" if read is None else f" {one.tokens[read]}",
        wrong=wrong and f" {wrong}",
        words=frozenset(one.pair),
    )


def grammar_items(name: str, *, split: str = "test", count: int = 300) -> list[Item]:
    """Return items of the grammar, always the same ones, whose words fit the book's models.

    Args:
        name: `gendered names`, `schemas`, `agreement` or `repeated lists`. The schemas come in
            pairs that one adjective tells apart; so do the agreements, once with the subject
            as the first noun and once with a phrase moved before it.
        split: `test`, or `validation`: pairs of words that the models never saw together.
        count: How many, rounded up to whole pairs.

    Raises:
        ValueError: There is no such set or split.

    >>> for item in grammar_items("agreement", count=2):
    ...     print(item.prompt + item.right, "|", item.option_words[item.truth])
    the brown mirrors behind the dog beside the bike sleep | mirrors
    behind the dog the brown mirrors beside the bike sleep | mirrors
    """
    half((), split)  # refuses another split
    if name not in DRAWS:
        raise ValueError(f"the grammar has no set {name!r}: pass one of {', '.join(DRAWS)}")
    groups: Iterator[Item] = (
        item
        for group in distinct(DRAWS[name](split), f"items/{name}/{split}", count)
        for item in group
    )
    return list(groups)[: count + count % 2]


Group = tuple[Item, ...]
Drawing = Callable[[random.Random], Group]


def _names(split: str) -> Drawing:
    draw = drawing("people", split, keep=lambda one: not people.same_gender(one))
    return lambda rng: (_pronoun_item(draw(rng)),)


def _schemas(split: str) -> Drawing:
    def draw(rng: random.Random) -> Group:
        while True:
            schema = winograd.choose_schema(rng)
            if split_of(winograd.english(schema), book_splits()) == split:
                both = (schema, winograd.flip(schema))
                return tuple(_pronoun_item(finish(winograd.english(one))) for one in both)

    return draw


def _agreements(split: str) -> Drawing:
    draw = drawing("agreement", split, keep=agreement.has_attractor_and_two_phrases)

    def both(rng: random.Random) -> Group:
        one = draw(rng)
        return tuple(_verb_item(order) for order in (one, front(one)))

    return both


def _lists(split: str) -> Drawing:
    def draw(rng: random.Random) -> Group:
        one = repeat(rng)
        length = len(one.tokens) // 2
        again = rng.randrange(1, length)  # so many words are said twice
        read = length + again
        wrong = rng.choice([word for word in one.tokens if word != one.tokens[again]])
        cut = Sentence(one.tokens[: read + 1], one.kind)
        item = as_item(cut, read - 1, range(length), again, read=read, wrong=wrong)
        return (item,)

    return draw


DRAWS: dict[str, Callable[[str], Drawing]] = {
    "gendered names": _names,
    "schemas": _schemas,
    "agreement": _agreements,
    "repeated lists": _lists,
}


def _pronoun_item(one: Sentence) -> Item:
    pronoun, antecedent = one.antecedents[-1]
    options = noun_places(one, pronoun)
    return as_item(one, pronoun, options, options.index(antecedent))


def _verb_item(one: Sentence) -> Item:
    verb, subject = one.subjects[-1]
    options = noun_places(one, verb)
    wrong = agreement.other_form(one.tokens[verb])
    return as_item(one, verb, options, options.index(subject), read=verb, wrong=wrong)
