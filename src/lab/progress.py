"""Progress: which entry of a step counts, and what is still missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.entries import Entry
from lab.showing import bullets, table
from lab.steps import STEPS, Step

OPEN, EXAMPLE, STARTED, DONE = "open", "example", "started", "done"
RANKS = (OPEN, EXAMPLE, STARTED, DONE)


@dataclass(frozen=True)
class State:
    """How far a step is, by the entry that counts, and what is missing."""

    name: str
    missing: tuple[str, ...] = ()
    entry: Entry | None = None


def state_of(entry: Entry, entries: Sequence[Entry] = ()) -> State:
    """Return how far one entry brings its step.

    >>> state_of(Entry(1, 6, "", "short")).missing[1]
    'write at least 8 different words in note: it has 1'
    """
    step = STEPS[entry.step]
    lacks, borrowed = step.missing(entry, entries), step.not_own(entry)
    if not lacks and not borrowed:
        return State(DONE, (), entry)
    asked = 2 if step.own else 1
    name = EXAMPLE if not lacks and len(borrowed) == asked else STARTED
    return State(name, (*lacks, *borrowed), entry)


def states(entries: Sequence[Entry]) -> dict[int, State]:
    """Return each step's best state; of equals that of the last entry.

    So a step that is done stays done when its cell is run again with less in it.

    >>> states([])[1]
    State(name='open', missing=(), entry=None)
    """
    found = dict.fromkeys(STEPS, State(OPEN))
    for entry in entries:
        state = state_of(entry, entries)
        if RANKS.index(state.name) >= RANKS.index(found[entry.step].name):
            found[entry.step] = state
    return found


def told_step(state: State, step: Step) -> str:
    """Return what a learner reads after recording: done, or what is missing."""
    if state.name == DONE:
        return f"**Step {step.number} is done.**"
    if state.name == EXAMPLE:
        head = f"**Step {step.number} has all it asks for, from the example.** To make it yours:"
    else:
        head = f"**Step {step.number}: kept, and not finished yet.** What is missing:"
    return f"{head}\n\n{bullets(state.missing)}"


def told_progress(found: dict[int, State]) -> str:
    """Return the table of all steps, and the minutes behind and ahead."""
    done = [step for step in STEPS.values() if found[step.number].name == DONE]
    minutes, total = (sum(one.minutes for one in some) for some in (done, STEPS.values()))
    rows = [[one.number, one.goal, one.minutes, found[one.number].name] for one in STEPS.values()]
    ahead = [str(one.number) for one in STEPS.values() if one not in done]
    rest = f"Still open, in any order: {', '.join(ahead)}." if ahead else "All steps are done."
    return (
        f"**{len(done)} of {len(STEPS)} steps done, {minutes} of {total} minutes.** {rest}\n\n"
        f"{table(['step', 'goal', 'minutes', 'state'], rows)}"
    )
