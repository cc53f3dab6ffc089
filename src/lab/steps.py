"""The six steps of the lab: goal, minutes, hints, and what a finished entry has."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.claims import heads_named
from lab.entries import Entry
from lab.examples import EXAMPLES
from lab.limitations import link_problems

LEAST_WORDS = 8
Check = Callable[[Entry, Sequence[Entry]], list[str]]


@dataclass(frozen=True)
class Step:
    """One step: what it is for, how long it takes, what helps, and what it asks of an entry."""

    number: int
    goal: str
    minutes: int
    result: str
    hints: tuple[str, ...]
    check: Check
    own: str

    def missing(self, entry: Entry, others: Sequence[Entry] = ()) -> list[str]:
        """Say what an entry of this step lacks; an empty list when it lacks nothing.

        Args:
            entry: What was recorded.
            others: The entries of all steps, which only the last step looks at.

        >>> STEPS[4].missing(Entry(1, 4, "", "faster"))[0]
        'pass what time_generation returned'
        """
        fits = not self.result or EXAMPLES[self.number][1].keys() <= entry.facts.keys()
        found = [] if fits else [f"pass what {self.result} returned"]
        found += self.check(entry, others) if not found else []
        count = len(set(re.findall(r"[^\W\d_]+", entry.note.lower())))
        if count < LEAST_WORDS:
            found.append(f"write at least {LEAST_WORDS} different words in note: it has {count}")
        return found

    def not_own(self, entry: Entry) -> list[str]:
        """Say what of an entry is still the example's."""
        note, inputs = EXAMPLES[self.number]
        found = []
        if inputs and all(entry.facts.get(name) == value for name, value in inputs.items()):
            found.append(self.own)
        if " ".join(entry.note.split()) == note:
            found.append("write the note in your own words: it is still the example's")
        return found


def _says(note: str, token: str) -> bool:
    """Say whether a note has a token: a word as a word, a sign such as 's or </s> anywhere."""
    note, token = note.lower(), token.lower()
    return token in re.findall(r"\w+", note) if token.isalnum() else token in note


def _no_number(note: str, rows: Sequence[dict], *, besides: Collection[str] = ()) -> list[str]:
    """Ask for a number of the table, where a note has none: one that rounds to what it says."""
    told = [one for one in re.findall(r"\d+(?:\.\d+)?", note) if one not in besides]
    table = list(_numbers(list(rows)))
    table += [one["ms"] / max(two["ms"], 1e-6) for one, two in pairwise(rows) if "ms" in one]
    for one in told:
        digits = len(one.partition(".")[2])
        if any(round(number, digits) == float(one) for number in table):
            return []
    return ["put a number of the table into the note, as it stands there"]


def _numbers(value: object) -> Iterator[float]:
    """Return all numbers in lists and dictionaries; shares are told as percentages, too."""
    if isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _numbers(one)
    elif isinstance(value, int | float):
        yield from (value, 100 * value)


def _sentences(entry: Entry, _others: Sequence[Entry]) -> list[str]:
    facts, missing = entry.facts, []
    if len(set(facts.get("sentences", ()))) < 2:
        missing.append("compare two sentences that differ")
    heads = facts.get("heads", {})
    # A number such as 0.54 is a weight, unless the note calls it a head or names no other.
    numbers = heads_named(entry.note)
    called = heads_named(" ".join(re.findall(r"heads? \d+\.\d+", entry.note.lower())))
    if not numbers:
        missing.append("name a head in the note by layer.head, such as 0.1")
    some = any(name in heads for name in numbers)
    return missing + [
        f"there is no head {name}: layers are 0 to {facts.get('layers', 1) - 1}, heads 0 to "
        f"{facts.get('heads_a_layer', 1) - 1}"
        for name in numbers
        if name not in heads and (name in called or not some)
    ]


def _prefixes(entry: Entry, _others: Sequence[Entry]) -> list[str]:
    changed = {token for ending in entry.facts.get("endings", ()) for token in ending}
    if any(_says(entry.note, token) for token in changed):
        return []
    return ["name in the note a last token that you changed"]


def _shift(entry: Entry, _others: Sequence[Entry]) -> list[str]:
    looks, first = entry.facts.get("looks", {}).values(), entry.facts.get("first", 0)
    return [
        f"name in the note a source word that step {first + at} looks at"
        for at in (0, 1)
        if not any(_says(entry.note, ends[at][0]) for ends in looks)
    ]


def _timing(entry: Entry, _others: Sequence[Entry]) -> list[str]:
    missing = []
    if len(entry.facts.get("lengths", ())) < 3:
        missing.append("time three or more lengths")
    if entry.facts.get("repeats", 0) < 3:
        missing.append("take three or more repeats: fewer do not tell the noise")
    return missing + _no_number(entry.note, entry.facts.get("rows", ()))


def _claims(entry: Entry, _others: Sequence[Entry]) -> list[str]:
    verdicts = entry.facts.get("verdicts", ())
    tested = {one["claim"] for one in verdicts if one["status"] != "not tested"}
    missing = [f"{one['claim']!r} was not tested: {one['reason']}" for one in verdicts
               if one["status"] == "not tested"]  # fmt: skip
    if len(tested) < 2:
        missing.append("have two or more different claims tested")
    heads = {name for claim in tested for name in heads_named(claim)}
    if not heads & set(heads_named(entry.note)):
        missing.append("name in the note a head that was tested, such as 1.1")
    return missing + _no_number(entry.note, verdicts, besides=heads)


def _links(entry: Entry, others: Sequence[Entry]) -> list[str]:
    observed = {one.step for one in others if one.step != 6}
    links = entry.answers.get("links", {})
    if not isinstance(links, dict) or not links:
        return ["pass links, such as links={1: 'ambiguity'}"]
    return link_problems(links, observed)


STEPS = {
    step.number: step
    for step in (
        Step(
            1, "Compare where a pronoun looks, in two sentences, across layers and heads", 10,
            "compare_sentences",
            ("Exchange one adjective: big for small, heavy for fragile.",
             "In the table, compare the heads whose last column says yes with the others."),
            _sentences, "edit a sentence: both are still the example's",
        ),
        Step(
            2, "Change a prefix's last tokens and watch masked self-attention", 8,
            "compare_prefixes",
            ("Put a noun of the other number at the end, or one more word.",
             "A token sees itself and what stands before it: which rows can change?"),
            _prefixes, "edit a prefix: all are still the example's",
        ),
        Step(
            3, "Follow cross-attention over two decoding steps", 7, "follow_steps",
            ("Let first be the step before a pronoun or an adjective in French.",
             "Compare the two columns: which source word loses weight, which one gets it?"),
            _shift, "edit the sentence: it is still the example's",
        ),
        Step(
            4, "Time generation with and without a cache", 8, "time_generation",
            ("Double the lengths: what becomes of the latency of a token?",
             "Where the spans of two rows overlap, more repeats help more than more digits."),
            _timing, "change the lengths: they are still the example's",
        ),
        Step(
            5, "Name suspects, and have each claim tested by ablation", 12, "claim_test",
            ("Take the heads that you noted in step 1, or any of the twelve.",
             "Claim of one head two behaviors, and of two heads the same one."),
            _claims, "name suspects of your own: the claims are still the example's",
        ),
        Step(
            6, "Link each observation to a limitation, and export the journal", 5, "",
            ("Which limitation would explain that one sentence misled you?",
             "A step may be linked to the same limitation as another."),
            _links, "",
        ),
    )
}  # fmt: skip
