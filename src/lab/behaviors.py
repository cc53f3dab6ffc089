"""What can be claimed of a head, with the truth that decides it.

Each behavior has sentences of the grammar with a pair of words that no training sentence held, or
lists drawn by lot; links that say where a head should look; a rule that knows no meaning; and the
share of right answers that the model gives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from lessons.interpretation import (
    adjective_links,
    agreeing_share,
    copied_share,
    previous_token_links,
    pronoun_links,
    repeat_links,
    right_share,
    said_twice,
    verb_links,
)
from lessons.models import Loaded
from lessons.models.grammar import Sentence, agreement, people, repeat
from lessons.models.grammar.draws import distinct, draw_sentences
from lessons.models.judging.baselines import noun_baselines

SENTENCES = 100
Links = list[tuple[int, int]]


@dataclass(frozen=True)
class Behavior:
    """A behavior that a head may have.

    Attributes:
        model: Which of the book's models shows it.
        looks: What looking means, in words.
        answers: What the model then gets right, in words; also the name of the measure.
        sentences: Draws what it is tested on, always the same.
        links: Where a head should look in a sentence.
        rule: The rate of a rule that knows positions only, or of a token drawn by lot.
        share: From the model and the sentences to the share of right answers.
    """

    model: str
    looks: str
    answers: str
    sentences: Callable[[], list[Sentence]]
    links: Callable[[Sentence], Links]
    rule: Callable[[Sequence[Sentence]], float]
    share: Callable[[Loaded, Sequence[Sentence]], float]


@cache
def _tested(kind: str, keep: Callable = bool) -> list[Sentence]:
    return draw_sentences(kind, "test", SENTENCES, 0, keep=keep)


@cache
def _lists() -> list[Sentence]:
    return distinct(repeat, "lists/test", SENTENCES)


def _before(one: Sentence) -> Links:
    return previous_token_links(len(one.tokens))


def _nearest(sentences: Sequence[Sentence]) -> float:
    return noun_baselines(sentences)["nearest noun"]


def _by_lot(sentences: Sequence[Sentence]) -> float:
    return sum(1 / len(one.tokens) for one in sentences) / len(sentences)


def _copied(loaded: Loaded, sentences: Sequence[Sentence]) -> float:
    return copied_share(loaded.model, said_twice(loaded, SENTENCES))


_it = partial(_tested, "winograd")
_she = partial(_tested, "people", people.same_gender)
_verbs = partial(_tested, "agreement", agreement.has_attractor)
BEHAVIORS = {
    "resolves pronouns": Behavior(
        "encoder", "from 'it' at its antecedent", "which noun 'it' means",
        _it, pronoun_links, _nearest, right_share,
    ),
    "resolves he and she": Behavior(
        "encoder", "from 'he' or 'she' at the person meant", "whom 'he' or 'she' means",
        _she, pronoun_links, _nearest, right_share,
    ),
    "reads the adjective": Behavior(
        "encoder", "from 'it' at the adjective of its clause", "which noun 'it' means",
        _it, adjective_links, _by_lot, right_share,
    ),
    "finds the subject": Behavior(
        "decoder", "from the token before a verb at its subject", "the verb's number",
        _verbs, verb_links, _by_lot, agreeing_share,
    ),
    "continues a repetition": Behavior(
        "decoder", "from a repeated word at the word after its first time",
        "the next word of a list that is said again",
        _lists, repeat_links, _by_lot, _copied,
    ),
    "reads the previous token": Behavior(
        "decoder", "at the token before", "the next word of a list that is said again",
        _lists, _before, _by_lot, _copied,
    ),
}  # fmt: skip
