"""Five questions to the book's models, each with its sentences, its truth, and the rule to beat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lessons.interpretation.simple_rules import Rule, best_rule, best_step_rule
from lessons.interpretation.truth import content_links, pronoun_links, repeat_links, verb_links
from lessons.models.grammar import Sentence, Translation, agreement, people, repeat
from lessons.models.grammar.draws import distinct, draw_sentences, draw_translations
from lessons.models.judging.links import Links

Texts = Sequence[Sentence | Translation]
TRAINING = 1500


@dataclass(frozen=True)
class Question:
    """A question where a head should look, and what decides it.

    Attributes:
        what: The question in a few words.
        model: Which of the book's models is asked.
        links: From a text to where a head should look.
        choosing: The texts on which a head is chosen.
        scoring: Other texts, on which it is scored.
        rule: The best simple rule on the latter.
    """

    what: str
    model: str
    links: Callable[[Any], Links]  # some take a sentence, one a translation
    choosing: Texts
    scoring: Texts
    rule: Rule


def pronoun_question(count: int = 150) -> Question:
    """Ask the encoder where *it* looks, in sentences whose two nouns never met in training.

    >>> pronoun_question(3).rule.reached.trials
    3
    """
    return _of_pronouns("'it' to its antecedent", "winograd", bool, count)


def person_question(count: int = 150) -> Question:
    """Ask the encoder where *he* or *she* looks, between two people of one gender.

    >>> person_question(3).rule.reached.trials
    3
    """
    return _of_pronouns("he or she to the name", "people", people.same_gender, count)


def verb_question(count: int = 150) -> Question:
    """Ask the decoder where it looks before a verb, behind a noun of the other number.

    >>> verb_question(3).rule.reached.trials
    3
    """
    choosing, scoring = (
        draw_sentences("agreement", split, count, 0, keep=agreement.has_attractor)
        for split in ("validation", "test")
    )
    rule = best_rule(scoring, verb_links)
    return Question("verb to subject", "decoder", verb_links, choosing, scoring, rule)


def repeat_question(count: int = 60) -> Question:
    """Ask the decoder where it looks in lists of random words that are said again.

    >>> repeat_question(3).rule.reached.trials
    48
    """
    choosing, scoring = (
        distinct(repeat, f"lists/{split}", count) for split in ("validation", "test")
    )
    what, rule = "repetition to what followed", best_rule(scoring, repeat_links)
    return Question(what, "decoder", repeat_links, choosing, scoring, rule)


def translation_question(count: int = 60) -> Question:
    """Ask the translator where it looks to write a content word.

    >>> translation_question(3).rule.reached.trials
    16
    """
    choosing, scoring = (
        draw_translations(count, 0, split=split) for split in ("validation", "test")
    )
    rule = best_step_rule(scoring, draw_translations(TRAINING, 0, split="train"))
    what = "French to English word"
    return Question(what, "translator", content_links, choosing, scoring, rule)


def _of_pronouns(what: str, kind: str, keep: Callable, count: int) -> Question:
    choosing, scoring = (
        draw_sentences(kind, split, count, 0, keep=keep) for split in ("validation", "test")
    )
    training = draw_sentences(kind, "train", TRAINING, 0, keep=keep)
    rule = best_rule(scoring, pronoun_links, markers=1, training=training)
    return Question(what, "encoder", pronoun_links, choosing, scoring, rule)
