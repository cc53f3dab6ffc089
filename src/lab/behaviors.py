"""What can be claimed of a head, with the truth that decides it.

Each behavior has sentences of the grammar with a pair of words that no training sentence held, or
lists drawn by lot; links that say where a head should look; the best rule that knows no meaning;
edits that part the truth from that rule where the grammar lets them coincide; and how right the
model's answer is, sentence by sentence.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from torch import Tensor

from lessons.foundations.intervals import Proportion
from lessons.interpretation import (
    Rule,
    adjective_links,
    ahead_links,
    antecedents_right,
    best_rule,
    copied_right,
    drop,
    first_noun_links,
    front,
    insert,
    previous_token_links,
    pronoun_links,
    repeat_links,
    verb_links,
    verbs_right,
)
from lessons.models import Loaded
from lessons.models.grammar import Sentence, agreement, lexicon, people, repeat
from lessons.models.grammar.draws import distinct, draw_sentences, drawing

SENTENCES = 150
Links = list[tuple[int, int]]


@dataclass(frozen=True)
class Behavior:
    """A behavior that a head may have.

    Attributes:
        model: Which of the book's models shows it.
        looks: What looking means, in words.
        answers: What the model then gets right, in words; also the name of the measure.
        sentences: Draws what it is tested on, always the same.
        others: Draws one more sentence of the kind, for a head's silence.
        links: Where a head should look in a sentence.
        rule: The best simple rule on the sentences.
        right: From the model and the sentences to how right each answer is.
        rival: Where a rule leads that is right in all sentences, if there is one.
        edits: What parts `links` from `rival`: from a sentence to another, or None.
    """

    model: str
    looks: str
    answers: str
    sentences: Callable[[], list[Sentence]]
    others: Callable[[random.Random], Sentence]
    links: Callable[[Sentence], Links]
    rule: Callable[[Sequence[Sentence]], Rule]
    right: Callable[[Loaded, Sequence[Sentence]], Tensor]
    rival: Callable[[Sentence], Links] | None = None
    edits: Mapping[str, Callable[[Sentence], Sentence | None]] = field(default_factory=dict)


@cache
def _drawn(kind: str, split: str, keep: Callable = bool) -> list[Sentence]:
    count = SENTENCES if split == "test" else 1500
    return draw_sentences(kind, split, count, 0, keep=keep)


@cache
def _lists() -> list[Sentence]:
    return distinct(repeat, "lists/test", SENTENCES)


def _before(one: Sentence) -> Links:
    return previous_token_links(len(one.tokens))


def _of_nouns(kind: str, keep: Callable, sentences: Sequence[Sentence]) -> Rule:
    """Return the best rule for a pronoun: it may count, or look a word up."""
    training = _drawn(kind, "train", keep)
    return best_rule(sentences, pronoun_links, markers=1, training=training)


def _by_lot(sentences: Sequence[Sentence]) -> Rule:
    """Return what a token drawn by lot reaches, of those that a decoder sees."""
    seen = [1 / (query + 1) for one in sentences for query, _ in _before(one)]
    return Rule("a token drawn by lot", Proportion(round(sum(seen)), len(seen)))


def _too(one: Sentence) -> int:
    return one.antecedents[-1][0] + 2


def _with_phrase_in_front(one: Sentence) -> Sentence | None:
    """Return the sentence with the phrase behind its subject moved, if that is a phrase."""
    behind = one.tokens[one.subjects[-1][1] + 1]
    return front(one) if behind in lexicon.PREPOSITIONS else None


_it = partial(_drawn, "winograd", "test")
_she = partial(_drawn, "people", "test", people.same_gender)
_verbs = partial(_drawn, "agreement", "test", agreement.has_attractor)
_more_it = drawing("winograd", "train")
_more_she = drawing("people", "train", keep=people.same_gender)
_more_verbs = drawing("agreement", "train", keep=agreement.has_attractor)
BEHAVIORS = {
    "resolves pronouns": Behavior(
        "encoder", "from 'it' at its antecedent", "which noun 'it' means", _it, _more_it,
        pronoun_links, partial(_of_nouns, "winograd", bool), antecedents_right,
    ),
    "resolves he and she": Behavior(
        "encoder", "from 'he' or 'she' at the person meant", "whom 'he' or 'she' means",
        _she, _more_she, pronoun_links, partial(_of_nouns, "people", people.same_gender),
        antecedents_right,
    ),
    "reads the adjective": Behavior(
        "encoder", "from 'it' at the adjective of its clause", "which noun 'it' means",
        _it, _more_it, adjective_links, partial(best_rule, links=adjective_links, markers=1),
        antecedents_right, ahead_links,
        {"without 'too'": lambda one: drop(one, _too(one)),
         "with 'not' before 'too'": lambda one: insert(one, _too(one), "not")},
    ),
    "finds the subject": Behavior(
        "decoder", "from the token before a verb at its subject", "the verb's number",
        _verbs, _more_verbs, verb_links, partial(best_rule, links=verb_links), verbs_right,
        first_noun_links, {"with the phrase behind the subject moved to the front":
                      _with_phrase_in_front},
    ),
    "continues a repetition": Behavior(
        "decoder", "from a repeated word at the word after its first time",
        "the next word of a list that is said again", _lists, repeat,
        repeat_links, partial(best_rule, links=repeat_links), copied_right,
    ),
    "reads the previous token": Behavior(
        "decoder", "at the token before", "the next word of a list that is said again",
        _lists, repeat, _before, _by_lot, copied_right,
    ),
}  # fmt: skip
