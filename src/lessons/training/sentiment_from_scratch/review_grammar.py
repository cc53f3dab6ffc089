"""Movie reviews from a grammar: raw texts that praise a movie or don't, whose truth is known.

A review has a judgment of one or two clauses, and perhaps sentences after it that say nothing. A
clause praises or blames by its adjective, and a negation turns it round, also from afar: *I do not
think the plot was really good*. Of two clauses the one after *but* decides, or the one before
*though*.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

SUBJECTS = ("movie", "film", "plot", "acting", "ending", "music", "story", "cast")
ADVERBS = ("very", "really", "extremely", "truly")
GOOD = ("good", "great", "funny", "moving", "brilliant", "clever", "lovely", "gripping")
BAD = ("bad", "awful", "boring", "dull", "weak", "silly", "ugly", "tiresome")
NEVER_NEGATED = ("clever", "gripping", "silly", "tiresome")  # in what is learned from
UNSEEN = ("superb", "charming", "dreary", "clumsy")  # nor these at all
ASIDES = (
    "We saw it on Monday.",
    "The hall was full!",
    "My sister chose it.",
    "It was late when we left.",
    "There is a book with the same title.",
)


class Clause(NamedTuple):
    """One judgment: of what, how, and whether it is negated."""

    subject: str
    adverbs: tuple[str, ...]
    adjective: str
    opinion: bool  # "I think …"
    negated: bool

    @property
    def text(self) -> str:
        """The words, as they stand within a sentence."""
        denied = "not " * (self.negated and not self.opinion)
        words = f"the {self.subject} was {denied}{' '.join((*self.adverbs, self.adjective))}"
        return f"I {'do not ' * self.negated}think {words}" if self.opinion else words

    @property
    def praises(self) -> bool:
        """Whether it says something good."""
        return (self.adjective in (*GOOD, *UNSEEN[:2])) != self.negated


class Review(NamedTuple):
    """What somebody says about a movie."""

    clauses: tuple[Clause, ...]
    joint: str  # "but", "though", or nothing
    asides: tuple[str, ...]

    @property
    def text(self) -> str:
        """The raw text."""
        judgment = f", {self.joint} ".join(clause.text for clause in self.clauses) + "."
        return " ".join((judgment[0].upper() + judgment[1:], *self.asides))

    @property
    def positive(self) -> bool:
        """Whether the clause that decides praises."""
        return self.clauses[-1 if self.joint == "but" else 0].praises


def _clause(chance: random.Random, adjectives: tuple[str, ...]) -> Clause:
    return Clause(
        subject=chance.choice(SUBJECTS),
        adverbs=tuple(chance.sample(ADVERBS, chance.choice((0, 0, 1, 2)))),
        adjective=chance.choice(adjectives),
        opinion=chance.random() < 1 / 3,
        negated=chance.random() < 1 / 3,
    )


def draw_reviews(
    count: int,
    *,
    keep: Callable[[Review], bool] = lambda review: True,
    adjectives: tuple[str, ...] = GOOD + BAD,
    seed: int = 0,
) -> list[Review]:
    """Draw reviews, and keep those of a kind.

    Args:
        count: How many to return.
        keep: Says which.
        adjectives: The words that a clause may judge with.
        seed: Decides the reviews.

    >>> [review.text for review in draw_reviews(1, keep=plain)]
    ['The plot was very truly boring. We saw it on Monday.']
    """
    chance = random.Random(seed)
    kept: list[Review] = []
    while len(kept) < count:
        joint = chance.choice(("", "but", "though"))
        clauses = tuple(_clause(chance, adjectives) for _ in range(2 if joint else 1))
        asides = tuple(chance.sample(ASIDES, chance.choice((0, 0, 0, 1))))
        review = Review(clauses, joint, asides)
        if keep(review):
            kept.append(review)
    return kept


def learnable(review: Review) -> bool:
    """Whether a review may be learned from: four adjectives are never negated there."""
    return not any(one.negated and one.adjective in NEVER_NEGATED for one in review.clauses)


def plain(review: Review) -> bool:
    """One clause that negates nothing."""
    return not review.joint and not review.clauses[0].negated


def negated(review: Review) -> bool:
    """One clause with *not*, among adverbs or far away, after *I do*."""
    return not review.joint and review.clauses[0].negated and learnable(review)


def newly_negated(review: Review) -> bool:
    """One clause that negates an adjective which is never negated in what is learned from."""
    return not review.joint and review.clauses[0].negated and not learnable(review)


def contrast(review: Review) -> bool:
    """Two clauses, of which one praises and the other does not, in words that may be learned."""
    return len({one.praises for one in review.clauses}) == 2 and learnable(review)


def other_joint(review: Review) -> Review:
    """Exchange *but* and *though*: then the other clause decides.

    >>> other_joint(Review((), "but", ())).joint
    'though'
    """
    return review._replace(joint={"but": "though", "though": "but"}[review.joint])


def turned(review: Review, *, decider: bool) -> Review:
    """Negate one clause, or take its *not* away: of the one that decides, or of the other.

    >>> review = draw_reviews(1, keep=contrast)[0]
    >>> [turned(review, decider=one).positive == review.positive for one in (True, False)]
    [False, True]
    """
    place = (review.joint == "but") == decider
    clauses = list(review.clauses)
    clauses[place] = clauses[place]._replace(negated=not clauses[place].negated)
    return review._replace(clauses=tuple(clauses))
