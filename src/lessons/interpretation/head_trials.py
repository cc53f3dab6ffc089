"""One head on trial: chosen on some items, judged on others, by the same code for every model.

The book's models read items of the grammar, pretrained ones items of open English; see
:mod:`lessons.interpretation.items_of_grammar` and :mod:`lessons.models.open_english.item_sets`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.interpretation.lists import copied_sureness
from lessons.interpretation.silence import silenced, silences_alike
from lessons.models.judging.measure import best_head
from lessons.models.judging.model_scores import Score, proportion
from lessons.models.judging.open_english_scores import looks_right, score_looking
from lessons.models.loading.loader import Loaded
from lessons.models.open_english.item import Item

Head = tuple[int, int]
NEWS = ("means", "another's")  # silences that take away the news of a text alone


@final
@dataclass(frozen=True)
class Trial:
    """A head, and what all heads of its model did on the items that judge it.

    `rates` says how often each head looks right on the items that choose, `right` whether a head
    looks more at the right place than at each other option, on the items `asked`.
    """

    rates: Float[Tensor, "layers heads"]
    right: Bool[Tensor, "batch layers heads"]
    asked: Sequence[Item]

    @property
    def head(self) -> Head:
        """The head that looks right most often on the items that choose."""
        return best_head(self.rates[None])

    @property
    def company(self) -> list[Head]:
        """All heads that look right in more than half of the items that choose."""
        return [(layer, head) for layer, head in (self.rates > 0.5).nonzero().tolist()]

    def points(self) -> Score:
        """Score how often the head looks right, beside the best rule that counts places."""
        return score_looking("looks right", self.right, self.asked, self.head)

    def turns(self) -> Score:
        """Score in how many pairs of items the head is right in both; coins are in a quarter.

        Two items that follow each other are a pair: one word tells them apart, and the truths
        differ. A rule that does not see the word is right in both of none.
        """
        both = self.right[0::2] & self.right[1::2]
        hits = [bool(hit) for hit in both[:, *self.head]]
        return proportion("right in both", hits, head=self.head, baselines={"two coins": 0.25})

    def any_turns(self) -> Score:
        """Score in how many pairs any head of all looks elsewhere in one than in the other."""
        alike = self.right[0::2] == self.right[1::2]  # the truths differ
        return proportion("any head turns", [bool(hit) for hit in alike.flatten(1).any(dim=1)])


def try_heads(loaded: Loaded, choosing: Sequence[Item], asked: Sequence[Item]) -> Trial:
    """Choose the head that looks right most often on some items; let others judge it.

    Args:
        loaded: An encoder, or a decoder whose options stand before the word that is asked about.
        choosing: The items that choose.
        asked: Others.

    >>> from lessons.interpretation import grammar_items
    >>> from lessons.models import load
    >>> few, others = grammar_items("schemas", count=8), grammar_items("schemas", count=40)[8:]
    >>> try_heads(load("encoder", source="book"), few, others).points().value > 0.9
    True
    """
    rates = looks_right(loaded, choosing).float().mean(dim=0)
    return Trial(rates, looks_right(loaded, asked), asked)


@final
@dataclass(frozen=True)
class Missed:
    """How sure a decoder is of lists that are said twice, whole and with silent heads.

    `whole` has one number a list, from :func:`~lessons.interpretation.lists.copied_sureness`;
    `without` the same while the `heads` in question are silent, by the kind of silence (zeros for a
    single head only); `control` the same while others of their layers are silent, the first three
    for a single head, else in each layer as many as of these, as far as it has them.
    """

    heads: Sequence[Head]
    whole: Float[Tensor, " batch"]
    without: Mapping[str, Float[Tensor, " batch"]]
    control: Mapping[str, Float[Tensor, " batch"]]

    def are_missed(self) -> Score:
        """Score how many lists are less sure under the mean *and* under another's values."""
        return self._less_sure("less sure without", self.whole, self.whole)

    def more_than_others(self) -> Score:
        """Score how many lists lose more by these heads' silence than by the others'."""
        return self._less_sure("less sure than without others", *(
            self.control[kind] for kind in NEWS
        ))  # fmt: skip

    def zeros_take_more(self) -> Score:
        """Score how many lists lose more by zeros than by the mean."""
        return self._against_a_coin("less sure", self.without["zeros"] < self.without["means"])

    def _less_sure(self, what: str, mean: Tensor, another: Tensor) -> Score:
        both = (self.without["means"] < mean) & (self.without["another's"] < another)
        return self._against_a_coin(what, both)

    def _against_a_coin(self, what: str, worse: Bool[Tensor, " batch"]) -> Score:
        one = self.heads[0] if len(self.heads) == 1 else None
        hits = [bool(hit) for hit in worse]
        return proportion(what, hits, head=one, baselines={"a coin": 0.5})


def miss_heads(
    loaded: Loaded, groups: Sequence[Sequence[Head]], ids: Int[Tensor, "batch tokens"]
) -> list[Missed]:
    """Silence heads of a decoder, group by group, while it reads lists that are said twice.

    Args:
        loaded: The decoder.
        groups: Heads that are silent together, each as (layer, head).
        ids: The lists, from :func:`~lessons.interpretation.lists.said_twice`.

    >>> from lessons.interpretation import said_twice
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> [missed] = miss_heads(decoder, [[(1, 2)]], said_twice(decoder, 4, length=5))
    >>> sorted(missed.without)
    ["another's", 'means', 'zeros']
    """
    kinds, whole = silences_alike(loaded.model, ids), copied_sureness(loaded.model, ids)

    def sureness(kind: str, heads: Sequence[Head]) -> Float[Tensor, " batch"]:
        with silenced(loaded.model, kinds[kind], heads):
            return copied_sureness(loaded.model, ids)

    found = []
    for heads in groups:
        others: list[Head] = []
        for layer, silent in Counter(layer for layer, _ in heads).items():
            idle = [at for at in kinds["means"] if at[0] == layer and at not in heads]
            others += idle[: silent if len(heads) > 1 else 3]
        without = {kind: sureness(kind, heads) for kind in (kinds if len(heads) == 1 else NEWS)}
        found.append(Missed(heads, whole, without, {kind: sureness(kind, others) for kind in NEWS}))
    return found


class TwoModels(NamedTuple):
    """A claim, scored on one of the book's models and on a pretrained one.

    A model bears the claim out if the score's interval lies above the highest of its baselines.
    """

    claim: str
    book: Score
    real: Score

    @property
    def same(self) -> bool:
        """Whether both models bear the claim out, or neither does.

        >>> even, most = (proportion("", [True] * n + [False] * (40 - n),
        ...               baselines={"coins": 0.5}) for n in (20, 38))
        >>> TwoModels("", even, most).same, TwoModels("", most, most).same
        (False, True)
        """
        return borne_out(self.book) == borne_out(self.real)


def borne_out(score: Score) -> bool:
    """Say whether a score's interval lies above the highest of its baselines.

    >>> borne_out(proportion("", [True] * 9 + [False], baselines={"coins": 0.5}))
    True
    """
    return score.low > max(score.baselines.values(), default=0.0)


def as_table(rows: Sequence[TwoModels]) -> str:
    """Return claims in a table of Markdown: both scores with their intervals, and a judgment.

    >>> one = proportion("", [True] * 9 + [False], baselines={"a coin": 0.5})
    >>> print(as_table([TwoModels("it is so", one, one)]).splitlines()[-1])
    | it is so | 0.90 (0.60–0.98) of 10; a coin 0.50 | 0.90 (0.60–0.98) of 10; a coin 0.50 | same |
    """
    head = ("claim", "book's model", "real model", "same or not")
    lines = [head, ["---"] * len(head)]
    lines += [
        [row.claim, _told(row.book), _told(row.real), "same" if row.same else "**not**"]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _told(score: Score) -> str:
    head = "head {}.{}: ".format(*score.head) if score.head else ""
    rules = "".join(f"; {name} {rate:.2f}" for name, rate in score.baselines.items())
    return f"{head}{score.value:.2f} ({score.low:.2f}–{score.high:.2f}) of {score.count}{rules}"
