"""Step 5: each claim about a head, tested against the truth.

A head *looks* when Wilson's interval of its rate lies above the rule's rate. It is *needed* when
the model is right less often without it than without the typical other head: the two shares'
intervals do not meet. A claim is accepted when both hold.
"""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch

from lab.behaviors import BEHAVIORS, Behavior
from lab.claims import Claim, read_claim
from lab.showing import Shown, bullets, plain, table
from lessons.interpretation import HeadScores, ablation_effects, maps_for, score_heads
from lessons.models import Loaded, wilson_interval

ACCEPTED, LOOKS, NEEDED = "accepted", "looks, but is not needed", "needed, but does not look"
REFUTED, UNTESTED = "refuted", "not tested"


@dataclass(frozen=True)
class Verdict:
    """What became of a claim, with the numbers that decided it."""

    claim: str
    status: str
    reason: str
    rate: float | None = None
    interval: tuple[float, float] | None = None
    rule: float | None = None
    right: float | None = None
    right_without: float | None = None
    right_without_others: float | None = None


class ClaimTest:
    """Tests claims against the book's models, and keeps what it measured for the next claim.

    Args:
        models: The book's encoder and decoder, on the CPU; one that is not there, or is not the
            book's own, leaves the claims about it untested.
    """

    def __init__(self, *models: Loaded):
        self.models = {loaded.name: loaded for loaded in models}
        self._scores: dict[str, HeadScores] = {}
        self._shares: dict[tuple[str, str], tuple[float, dict]] = {}

    def __call__(self, claims: Sequence[str]) -> Shown:
        """Test each claim; one that cannot be read or tested stops no other.

        >>> print(ClaimTest()(["head two"]).facts["verdicts"][0]["status"])
        not tested
        """
        claims = [claims] if isinstance(claims, str) else list(claims or ())
        verdicts = [self.verdict(text) for text in claims]
        facts = {"models": [one.provenance for one in self.models.values()], "claims": claims}
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
        behavior = BEHAVIORS[claim.behavior]
        found = self._scored(claim.behavior, loaded).of(claim.layer, claim.head)
        whole, lost = self._lost(behavior, loaded)
        here = (claim.layer, claim.head)
        without = whole - lost[here]
        others = whole - statistics.median(lost[head] for head in lost if head != here)
        trials = len(behavior.sentences())
        rule = behavior.rule(behavior.sentences())
        looks = found.interval[0] > rule
        needed = _interval(without, trials)[1] < _interval(others, trials)[0]
        status = {(True, True): ACCEPTED, (True, False): LOOKS, (False, True): NEEDED}
        numbers = (found.rate, found.interval, rule, whole, without, others)
        rounded = [tuple(round(b, 2) for b in one) if isinstance(one, tuple) else round(one, 2)
                   for one in numbers]  # fmt: skip
        reason = f"looks means {behavior.looks}; right means {behavior.answers}"
        return Verdict(claim.text, status.get((looks, needed), REFUTED), reason, *rounded)

    def _model(self, claim: Claim) -> Loaded:
        """Return the model that a claim is about, if it has such a head and its truth is known."""
        name = BEHAVIORS[claim.behavior].model
        loaded = self.models.get(name)
        if loaded is None or loaded.source != "book":
            had = "it was not passed" if loaded is None else f"this is {loaded.provenance}"
            raise ValueError(
                f"the truth is known for the book's own {name} only, and {had}: pass "
                f"load('{name}', source='book')"
            )
        config = loaded.model.config
        if claim.layer >= config.num_hidden_layers or claim.head >= config.num_attention_heads:
            raise ValueError(
                f"the {name} has no head {claim.layer}.{claim.head}: its layers are 0 to "
                f"{config.num_hidden_layers - 1}, its heads 0 to {config.num_attention_heads - 1}"
            )
        return loaded

    def _scored(self, name: str, loaded: Loaded) -> HeadScores:
        if name not in self._scores:
            behavior = BEHAVIORS[name]
            some = behavior.sentences()
            links = [behavior.links(one) for one in some]
            self._scores[name] = score_heads(maps_for(loaded, some), links)
        return self._scores[name]

    def _lost(self, behavior: Behavior, loaded: Loaded) -> tuple[float, dict]:
        """Return the share of right answers, and what of it each head's silence takes."""
        key = (behavior.model, behavior.answers)
        if key not in self._shares:
            config = loaded.model.config
            every = torch.ones(config.num_hidden_layers, config.num_attention_heads).nonzero()
            heads = [tuple(head) for head in every.tolist()]
            some = behavior.sentences()

            def share() -> float:
                return behavior.share(loaded, some)

            lost = dict(ablation_effects(loaded.model, share, heads))
            with torch.no_grad():
                self._shares[key] = share(), lost
        return self._shares[key]


def _interval(share: float, trials: int) -> tuple[float, float]:
    return wilson_interval(round(min(max(share, 0.0), 1.0) * trials), trials)


def _told(verdicts: Sequence[Verdict]) -> str:
    """Return the table of what was tested, and below it why the rest was not."""
    head = ["claim", "verdict", "looks (interval)", "rule", "right", "right without it",
            "without a typical other head"]  # fmt: skip
    tested = [one for one in verdicts if one.status != UNTESTED]
    rows = [
        [one.claim, one.status, f"{one.rate:.2f} ({one.interval[0]:.2f}–{one.interval[1]:.2f})",
         *(f"{number:.2f}" for number in
           (one.rule, one.right, one.right_without, one.right_without_others))]
        for one in tested
    ]  # fmt: skip
    reasons = dict.fromkeys(f"{one.claim.split(' ', 2)[2]}: {one.reason}" for one in tested)
    untested = [f"not tested: {one.claim!r}: {one.reason}" for one in verdicts if one not in tested]
    parts = [table(head, rows) if rows else "", bullets(reasons), bullets(untested)]
    return "\n\n".join(filter(None, parts)) or plain("There is no claim: pass a list of some.")
