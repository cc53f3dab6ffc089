r"""Edits of a sentence that part what the grammar always puts together.

The adjective stands three words after *it*, and the subject is the first noun: in each sentence of
the grammar two explanations of a head come to the same. Drop a word, insert one, exchange two or
move a phrase, and they lead to different places. The links move along with their words, so a head
can be scored on what came out.

Reference: :cite:t:`levesque2012`, whose pairs differ in one word, is the same idea for a model's
answers.
"""

import dataclasses
from collections.abc import Callable

from lessons.models.grammar import Sentence, lexicon
from lessons.models.grammar.annotation import Links


def drop(one: Sentence, place: int) -> Sentence:
    """Leave out the word at a place, to which no link may lead.

    Raises:
        ValueError: The word has a link, or there is no such word.

    >>> drop(Sentence(("it", "is", "too", "big"), "winograd"), 2).text
    'it is big'
    """
    every = (*one.antecedents, *one.subjects, *one.repeats)
    if not 0 <= place < len(one.tokens) or any(place in link for link in every):
        raise ValueError(f"place {place} cannot be dropped: pass one of a word without links")
    tokens = one.tokens[:place] + one.tokens[place + 1 :]
    return _linked_anew(one, tokens, lambda at: at - (at > place))


def insert(one: Sentence, place: int, word: str) -> Sentence:
    """Put a word at a place; what stood there and behind it moves one further.

    >>> insert(Sentence(("it", "is", "too", "big"), "winograd"), 2, "not").text
    'it is not too big'
    """
    tokens = (*one.tokens[:place], word, *one.tokens[place:])
    return _linked_anew(one, tokens, lambda at: at + (at >= place))


def exchange(one: Sentence, first: int, second: int) -> Sentence:
    """Let two words change places; the links stay with the places.

    >>> exchange(Sentence(("the", "cup", "breaks", "the", "vase"), "winograd"), 1, 4).text
    'the vase breaks the cup'
    """
    tokens = list(one.tokens)
    tokens[first], tokens[second] = tokens[second], tokens[first]
    return dataclasses.replace(one, tokens=tuple(tokens))


def front(one: Sentence) -> Sentence:
    """Move the phrase behind the subject, a preposition and its noun, to the beginning.

    The main verb's subject is then the first noun no more.

    Raises:
        ValueError: No preposition follows the subject.

    >>> words = ("the", "key", "near", "the", "red", "cars", "is", "old")
    >>> front(Sentence(words, "agreement", subjects=((6, 1),))).text
    'near the red cars the key is old'
    """
    begin = one.subjects[-1][1] + 1 if one.subjects else 0
    if not begin or one.tokens[begin] not in lexicon.PREPOSITIONS:
        raise ValueError("no preposition follows the subject: pass a sentence that has one there")
    end = next(at for at in range(begin, len(one.tokens)) if one.tokens[at] in lexicon.LEMMAS) + 1
    order = [*range(begin, end), *range(begin), *range(end, len(one.tokens))]
    return _linked_anew(one, tuple(one.tokens[at] for at in order), order.index)


def _linked_anew(one: Sentence, tokens: tuple[str, ...], move: Callable[[int], int]) -> Sentence:
    def moved(links: Links) -> Links:
        return tuple((move(query), move(key)) for query, key in links)

    return dataclasses.replace(
        one,
        tokens=tokens,
        antecedents=moved(one.antecedents),
        subjects=moved(one.subjects),
        repeats=moved(one.repeats),
    )
