"""Step 5: each claim about a head, tested against the truth.

A head *looks* when Wilson's interval of its rate lies above the rate of the best simple rule. Where
the rule lies in the interval the two are not told apart; where it is right everywhere, edits of the
sentences have to do it. It is
*needed* when its silence costs answers, whether it writes its mean or another sentence's values:
one in twenty or more, and more than coins explain in as many heads. A claim is accepted when both
hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import starmap
from typing import Any

import torch

from lab import open_claims
from lab.behaviors import BEHAVIORS, Behavior
from lab.claims import Claim, read_claim
from lab.showing import Shown, bullets, plain, table
from lessons.foundations import wilson_interval
from lessons.interpretation import (
    HeadScores,
    Paired,
    Rule,
    alike,
    answers_lost,
    losses,
    maps_for,
    score_heads,
    silences,
)
from lessons.models import Loaded
from lessons.models.judging.links import link_hits
from lessons.models.judging.model_scores import Score

ACCEPTED, LOOKS, NEEDED = "accepted", "looks, but is not needed", "needed, but does not look"
TIED, REFUTED, UNTESTED = "not told apart from a rule", "refuted", "not tested"
UNASKED = "looks; the model gives no answers that could be missed"
LEAST = 0.05  # of the answers must be lost
Counts = dict[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim, with the numbers that decided it."""

    claim: str
    status: str
    reason: str
    sentences: int | None = None
    rate: float | None = None
    interval: tuple[float, float] | None = None
    rule: str = ""
    rule_rate: float | None = None
    right: float | None = None
    lost: dict[str, tuple[float, int, int]] | None = None
    edits: Counts | None = None


class ClaimTest:
    """Tests claims against models whose truth is known, and keeps what it measured.

    Args:
        models: The encoder and the decoder, on the CPU: the book's own, which are tested on
            sentences of its grammar, or those of the wheels, tested on open English. One that is
            not there, or is another, leaves the claims about it untested.
    """

    def __init__(self, *models: Loaded):
        self.models = {loaded.name: loaded for loaded in models}
        self._looks: dict[str, dict[tuple[int, int], Score]] = {}
        self._scores: dict[str, tuple[HeadScores, Rule]] = {}
        self._lost: dict[tuple[str, str], tuple[float, dict]] = {}

    def __call__(self, claims: Sequence[str]) -> Shown:
        """Test each claim; one that cannot be read or tested stops no other.

        >>> print(ClaimTest()(["head two"]).facts["verdicts"][0]["status"])
        not tested
        """
        claims = [claims] if isinstance(claims, str) else list(claims or ())
        verdicts = [self.verdict(text) for text in claims]
        facts: dict[str, Any] = {
            "models": [one.provenance for one in self.models.values()],
            "claims": claims,
        }
        facts["verdicts"] = [
            asdict(one) | {"interval": list(one.interval or ())} for one in verdicts
        ]
        return Shown(_told(verdicts), facts)

    def verdict(self, text: str) -> Verdict:
        """Return what becomes of one claim."""
        try:
            claim = read_claim(text)
            loaded = self._model(claim)
        except ValueError as error:
            return Verdict(str(text), UNTESTED, str(error))
        if loaded.source == "wheel":
            return self._open_verdict(claim, loaded)
        behavior, head = BEHAVIORS[claim.behavior], (claim.layer, claim.head)
        scores, rule = self._scored(claim.behavior, loaded)
        found = scores.of(*head)
        right, lost = self._losses(behavior, loaded)
        lost = lost[head]
        edits, looks = {}, found.interval[0] > rule.reached.rate
        tied = not looks and _undecided(found.interval, rule, _chance(behavior))
        if tied and behavior.rival:
            edits = _edited(behavior, loaded, head)
            looks = all(starmap(_told_apart, edits.values()))
        found_out = _found(looks, lost, len(scores.rates.flatten()))
        return Verdict(
            claim.text, TIED if tied and not looks else found_out,
            f"looks means {behavior.looks}; right means {behavior.answers}",
            len(behavior.sentences()), round(found.rate, 2),
            (round(found.interval[0], 2), round(found.interval[1], 2)),
            rule.name, round(rule.reached.rate, 2), round(right, 2),
            _rounded(lost), edits,
        )  # fmt: skip

    def _open_verdict(self, claim: Claim, loaded: Loaded) -> Verdict:
        """Return what becomes of a claim about a pretrained model."""
        head, key = (claim.layer, claim.head), f"{loaded.name}: {claim.behavior}"
        if key not in self._looks:
            self._looks[key] = open_claims.looks(loaded, claim.behavior)
        score, right, lost = self._looks[key][head], None, None
        [(rule, rate)] = score.baselines.items()
        if loaded.name == "decoder":
            items = open_claims.open_items(claim.behavior)
            right, [lost] = answers_lost(loaded, items, [[head]])
        found = _found(score.low > rate, lost, len(self._looks[key]))
        about = f"{BEHAVIORS[claim.behavior].looks}, more than at the others"
        return Verdict(
            claim.text, found, f"looks means {about}; right means the right next word", score.count,
            round(score.value, 2), (round(score.low, 2), round(score.high, 2)), rule,
            round(rate, 2), None if right is None else round(right, 2),
            None if lost is None else _rounded(lost),
        )  # fmt: skip

    def _model(self, claim: Claim) -> Loaded:
        """Return the model that a claim is about, if it has such a head and its truth is known."""
        name = BEHAVIORS[claim.behavior].model
        loaded = self.models.get(name)
        opened, askable = open_claims.SETS.get(claim.behavior, ("", ()))
        if loaded is None and (other := self.models.get("decoder")) and "decoder" in askable:
            loaded = other if other.source == "wheel" else None
        if loaded is None or loaded.source not in ("book", "wheel"):
            had = "it was not passed" if loaded is None else f"this is {loaded.provenance}"
            raise ValueError(
                f"the truth is known for the {name} of the book, and for that of the wheel, and "
                f"{had}: pass load('{name}', source='book')"
            )
        if loaded.source == "wheel" and not opened:
            raise ValueError(
                f"open English has no sentences for this: pass load('{name}', source='book'), or "
                f"claim of this model that a head {' or '.join(open_claims.SETS)}"
            )
        config = loaded.model.config
        if claim.layer >= config.num_hidden_layers or claim.head >= config.num_attention_heads:
            raise ValueError(
                f"the {loaded.name} has no head {claim.layer}.{claim.head}: its layers are 0 to "
                f"{config.num_hidden_layers - 1}, its heads 0 to {config.num_attention_heads - 1}"
            )
        return loaded

    def _scored(self, name: str, loaded: Loaded) -> tuple[HeadScores, Rule]:
        if name not in self._scores:
            behavior = BEHAVIORS[name]
            some = behavior.sentences()
            scores = score_heads(maps_for(loaded, some), [behavior.links(one) for one in some])
            self._scores[name] = scores, behavior.rule(some)
        return self._scores[name]

    def _losses(self, behavior: Behavior, loaded: Loaded) -> tuple[float, dict]:
        """Return how right the model is, and for each head what its silences do to that."""
        key = (behavior.model, behavior.answers)
        if key not in self._lost:
            some = behavior.sentences()
            kinds = silences(loaded, some, alike(some, behavior.others))
            groups = {head: [head] for head in kinds["zeros"]}

            def right() -> torch.Tensor:
                return behavior.right(loaded, some).float()

            with torch.no_grad():
                share = right().mean().item()
            self._lost[key] = share, losses(loaded.model, right, kinds, groups)
        return self._lost[key]


def _undecided(interval: tuple[float, float], rule: Rule, chance: float) -> bool:
    """Say whether a rule may be as good as a head, or so good that no head could lie above it."""
    low, high = interval
    trials = rule.reached.trials
    unbeatable = wilson_interval(trials, trials)[0] <= rule.reached.rate
    return low > chance and (high >= rule.reached.rate or unbeatable)


def _chance(behavior: Behavior) -> float:
    some = behavior.sentences()
    return sum(1 / len(one.tokens) for one in some) / len(some)


def _found(looks: bool, lost: Mapping[str, Paired] | None, heads: int) -> str:
    """Return what a head is found to be, by how it looks and by what its silences cost."""
    if lost is None:
        return UNASKED if looks else REFUTED
    needed = all(_is_needed(lost[kind], heads) for kind in ("means", "another's"))
    status = {(True, True): ACCEPTED, (True, False): LOOKS, (False, True): NEEDED}
    return status.get((looks, needed), REFUTED)


def _rounded(lost: Mapping[str, Paired]) -> dict[str, tuple[float, int, int]]:
    return {kind: (round(one.lost, 2), one.worse, one.better) for kind, one in lost.items()}


def _is_needed(one: Paired, heads: int) -> bool:
    return one.lost >= LEAST and one.chance < 0.05 / heads


@torch.no_grad()
def _edited(behavior: Behavior, loaded: Loaded, head: tuple[int, int]) -> Counts:
    """Return, for each edit, how often a head looks where the claim says, and where the rule."""
    counts: Counts = {}
    rival = behavior.rival
    if rival is None:
        return counts
    for name, edit in behavior.edits.items():
        some = [edited for one in behavior.sentences() if (edited := edit(one))]
        both = [0, 0]
        for maps, one in zip(maps_for(loaded, some), some, strict=True):
            for at, links in enumerate((behavior.links(one), rival(one))):
                both[at] += int(link_hits(maps, links)[*head].all())
        counts[name] = (both[0], both[1], len(some))
    return counts


def _told_apart(claimed: int, ruled: int, _sentences: int) -> bool:
    """Say whether a head follows the claim, not the rule: more often than coins explain."""
    return Paired(claimed, ruled, 0.0).chance < 0.05


def _row(one: Verdict) -> list[str]:
    """Return the table's row of a claim that was tested."""
    assert one.interval is not None
    low, high = one.interval
    silences = ("means", "another's", "zeros")
    return [
        one.claim,
        one.status,
        f"{one.rate:.2f} ({low:.2f}–{high:.2f})",
        f"{one.rule_rate:.2f}, {one.rule}",
        "–" if one.right is None else f"{one.right:.2f}",
        *(
            "{:.2f} ({} worse, {} better)".format(*one.lost[kind]) if one.lost else "–"
            for kind in silences
        ),
    ]


def _told(verdicts: Sequence[Verdict]) -> str:
    """Return the table of what was tested, and below it why the rest was not."""
    head = ["claim", "verdict", "looks (interval)", "best simple rule", "right",
            "lost: means", "lost: another's", "lost: zeros"]  # fmt: skip
    tested = [one for one in verdicts if one.status != UNTESTED]
    rows = [_row(one) for one in tested]
    reasons = dict.fromkeys(
        f"{one.claim.split(' ', 2)[2]}: {one.reason}; {one.sentences} texts" for one in tested
    )
    edits = [
        f"{one.claim}: the rule '{one.rule}' is always right here, so the sentences were edited. "
        f"{name}: at the claim's place in {claimed}, at the rule's in {ruled} of {count}"
        for one in tested
        for name, (claimed, ruled, count) in (one.edits or {}).items()
    ]
    untested = [f"not tested: {one.claim!r}: {one.reason}" for one in verdicts if one not in tested]
    parts = [table(head, rows) if rows else "", bullets(reasons), bullets(edits), bullets(untested)]
    return "\n\n".join(filter(None, parts)) or plain("There is no claim: pass a list of some.")
