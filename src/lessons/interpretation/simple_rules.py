r"""The best simple rule: what a head must beat before it has been shown to know anything.

A rule that is bad by construction flatters every head. So try all that count places, and those
that look one word up in a table, and take the best: chosen on the very sentences that it is scored
on, which is to the rule's favor.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lessons.foundations.intervals import Proportion
from lessons.interpretation.truth import noun_places
from lessons.models.grammar import Sentence, Translation
from lessons.models.judging.baselines import diagonal
from lessons.models.judging.links import Links

NAMES = ("first", "second", "third")


class Rule(NamedTuple):
    """A rule in words, and how often it finds the linked token."""

    name: str
    reached: Proportion


def best_rule(
    sentences: Sequence[Sentence],
    links: Callable[[Sentence], Links],
    *,
    markers: int = 0,
    training: Sequence[Sentence] = (),
) -> Rule:
    """Return the better one of the best rule that counts and the best that looks a word up.

    Args:
        sentences: What a head is scored on.
        links: Where the head should look, in the model's positions.
        markers: How many tokens, such as [CLS], the model sets before a sentence.
        training: For pronouns: sentences of the kind, for :func:`best_word_rule`. Empty: none.

    >>> words = "tom thanks ben because he is kind".split()
    >>> one = Sentence(tuple(words), "people", antecedents=((4, 2),))
    >>> best_rule([one], lambda one: [(5, 3)], markers=1).reached.rate
    1.0
    """
    lengths = [len(one.tokens) + markers for one in sentences]
    nouns = [[at + markers for at in noun_places(one, len(one.tokens))] for one in sentences]
    rule = best_place_rule([links(one) for one in sentences], lengths, nouns)
    looked_up = [best_word_rule(sentences, training)] if training else []
    return max([rule, *looked_up], key=lambda one: one.reached.rate)


def best_place_rule(
    links: Sequence[Links], lengths: Sequence[int], nouns: Sequence[Sequence[int]]
) -> Rule:
    """Return the best rule that counts: a distance, a place, or the nth noun.

    Args:
        links: For each text, pairs of query and key.
        lengths: How many tokens each text has.
        nouns: Where nouns and names stand in each text; those before the query count.

    Raises:
        ValueError: There is no link at all.

    >>> best_place_rule([[(5, 1)], [(8, 1)]], [9, 12], [[1, 3], [1, 4]]).name
    'the token at place 1'
    """
    found: Counter[str] = Counter()
    trials = 0
    for pairs, length, places in zip(links, lengths, nouns, strict=True):
        for query, key in pairs:
            found.update(_rules_that_hit(query, key, length, places))
            trials += 1
    if not trials:
        raise ValueError("there is no link to score: pass texts that have some")
    name, hits = found.most_common(1)[0]
    return Rule(name, Proportion(hits, trials))


def best_word_rule(sentences: Sequence[Sentence], training: Sequence[Sentence]) -> Rule:
    """Return the best rule that looks at one word, and knows which noun it mostly goes with.

    For each distance from the pronoun the word that stands there is looked up in a table, made
    from other sentences, that says whether the first of two nouns is meant or the second.

    Args:
        sentences: Each with two nouns or names before its last pronoun, one of them meant.
        training: Others of the same kind, from which the tables are made.

    >>> words = "tom thanks ben because he is kind".split()
    >>> one = Sentence(tuple(words), "people", antecedents=((4, 2),))
    >>> best_word_rule([one], [one]).reached.rate
    1.0
    """
    tables: dict[int, dict[str, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
    hits: Counter[int] = Counter()
    for one in training:
        for distance, word in _words_around(one):
            tables[distance][word][_first_is_meant(one)] += 1
    for one in sentences:
        for distance, word in _words_around(one):
            counted = tables[distance][word]
            guess = counted[True] > counted[False]
            hits[distance] += guess == _first_is_meant(one)
    distance, count = hits.most_common(1)[0]
    where = f"{abs(distance)} {'ahead' if distance > 0 else 'back'}"
    return Rule(f"the word {where}, looked up", Proportion(count, len(sentences)))


def best_step_rule(scoring: Sequence[Translation], training: Sequence[Translation]) -> Rule:
    """Return the better of two rules that guess from a step where its English word stands.

    One takes the same relative place; the other looks up where the step mostly went in other
    sentences with as many English words.

    Args:
        scoring: Translations whose content words are asked for.
        training: Others, from which the table is made.

    >>> cat = Translation(Sentence(("the", "cat"), kind="plain"), ("le", "chat"), ((0, 0), (1, 1)))
    >>> best_step_rule([cat], [cat]).reached.rate
    1.0
    """
    table: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for one in training:
        for step, place in one.content:
            table[step, len(one.source.tokens)][place] += 1
    asked = [(table[t, len(one.source.tokens)], s) for one in scoring for t, s in one.content]
    known = sum(bool(seen) and seen.most_common(1)[0][0] == s for seen, s in asked)
    relative = round(diagonal(scoring) * len(asked))
    rules = {"the same relative place": relative, "step and length, looked up": known}
    name = max(rules, key=rules.__getitem__)
    return Rule(name, Proportion(rules[name], len(asked)))


def _rules_that_hit(
    query: int, key: int, length: int, nouns: Sequence[int]
) -> Iterator[str]:  # each says which token it takes
    yield f"{abs(query - key)} {'back' if key < query else 'ahead'}"
    yield f"the token at place {key}"
    yield f"the token {length - 1 - key} from the end"
    before = [place for place in nouns if place <= query]
    if key in before:
        at = before.index(key)
        yield f"the {NAMES[at]} noun" if at < len(NAMES) else f"noun {at + 1}"
        back = len(before) - 1 - at
        yield "the nearest noun" if back == 0 else f"the noun {back} before the nearest"


def _words_around(one: Sentence) -> Iterator[tuple[int, str]]:
    pronoun, _ = one.antecedents[-1]
    for place, word in enumerate(one.tokens):
        yield place - pronoun, word


def _first_is_meant(one: Sentence) -> bool:
    pronoun, antecedent = one.antecedents[-1]
    return antecedent == noun_places(one, before=pronoun)[0]
