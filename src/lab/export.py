"""The export: what was done, with which models and when, as Markdown and as JSON.

Both carry a digest. It shows that a file was changed since, by a slip of the hand or of a mail
program; whoever wants to deceive can compute it anew.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from lab.entries import Entry, digest, set_aside, write_anew
from lab.limitations import LIMITATIONS, address
from lab.progress import DONE, OPEN, State, states
from lab.showing import Shown, bullets, plain, table
from lab.steps import STEPS

FORMAT = "attention detective, export 1"
LAST_LINE = re.compile(r"\nDigest of all above: ([0-9a-f]{64})\n\Z")


def report(entries: Sequence[Entry], *, learner: str, at: str, versions: dict) -> dict:
    """Return the whole export as plain data.

    Observations are numbered anew: journals of two machines that were put together share numbers.

    >>> report([], learner="", at="today", versions={})["steps"][0]["state"]
    'open'
    """
    entries = [replace(one, number=number) for number, one in enumerate(entries, start=1)]
    found = states(entries)
    links = found[6].entry.answers.get("links", {}) if found[6].entry else {}
    links = links if isinstance(links, dict) else {}
    named = {step: str(name).strip().lower() for step, name in links.items()}
    steps = [
        {"step": step.number, "goal": step.goal, "minutes": step.minutes,
         "state": found[step.number].name, "missing": list(found[step.number].missing),
         "limitation": named.get(str(step.number), ""), "counts": _number(found[step.number])}
        for step in STEPS.values()
    ]  # fmt: skip
    data = {"format": FORMAT, "learner": learner, "exported_at": at, "versions": versions}
    data |= {"steps": steps, "observations": [asdict(one) for one in entries]}
    return data | {"digest": digest(data)}


def _number(state: State) -> int | None:
    return state.entry.number if state.entry else None


def as_markdown(data: dict) -> str:
    """Return the export for people: progress, then each observation with what it rests on."""
    done = sum(step["state"] == DONE for step in data["steps"])
    rows = [
        [one["step"], one["goal"], one["minutes"], one["state"], "; ".join(one["missing"])]
        for one in data["steps"]
    ]
    versions = ", ".join(f"{name} {number}" for name, number in data["versions"].items())
    head = (
        f"Learner: {plain(data['learner'] or 'not named')}. Exported {plain(data['exported_at'])}"
    )
    begun = [step for step in data["steps"] if step["state"] != OPEN]
    parts = [
        "# The attention detective: journal", f"{head}, with {plain(versions)}.",
        f"{done} of {len(data['steps'])} steps done.",
        table(["step", "goal", "minutes", "state", "missing"], rows),
        *(_told_step(step, data["observations"]) for step in begun),
    ]  # fmt: skip
    text = "\n\n".join(parts) + "\n"
    return f"{text}\nDigest of all above: {_text_digest(text)}\n"


def _told_step(step: dict, observations: list[dict]) -> str:
    """Return a step's section: all of its observations, the one that counts first."""
    own = [one for one in observations if one["step"] == step["step"]]
    own.sort(key=lambda one: one["number"] != step["counts"])
    lines = [
        f"## Step {step['step']}: {step['goal']}",
        f"State: {step['state']}. Observations: {len(own)}; the first one counts.",
    ]
    if step["limitation"] in LIMITATIONS:
        lines.append(f"Limitation: [{step['limitation']}]({address(step['limitation'])})")
    return "\n\n".join([*lines, *map(_told_observation, own)])


def _told_observation(one: dict) -> str:
    models = one["facts"].get("models") or [one["facts"].get("model", "")]
    lines = [f"Written {plain(one['at'])}:", f"> {plain(one['note'])}"]
    if any(models):
        lines.append(f"Models: {plain('; '.join(models))}")
    facts = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in one["facts"].items()
    ]
    return "\n\n".join(lines + ([bullets(facts)] if facts else []))


def _text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_export(
    folder: Path, entries: Sequence[Entry], *, learner: str, at: str, versions: dict
) -> tuple[list[Path], list[str]]:
    """Write the export's two files; return them, and what had to be set aside.

    A file of that name which was changed since it was exported is kept under another name.
    """
    data = report(entries, learner=learner, at=at, versions=versions)
    texts = {
        folder / "report.md": as_markdown(data),
        folder / "report.json": json.dumps(data, indent=1, ensure_ascii=False) + "\n",
    }
    told = []
    for path, text in texts.items():
        if path.exists() and not _is_intact(path):
            aside = set_aside(path)
            told.append(f"{path.name} was changed by hand: your version is kept as {aside.name}")
        write_anew(path, text)
    return list(texts), told


def _is_intact(path: Path) -> bool:
    try:
        return read_export(path).facts["intact"]
    except ValueError:
        return False


def read_export(path: str | Path) -> Shown:
    """Read an export again, and say whether it is as the lab wrote it.

    Args:
        path: A `report.md` or a `report.json`.

    Returns:
        What is shown; its `facts` are `intact` and, of a JSON file, `report`.

    Raises:
        ValueError: The file is not there, or is no export.
    """
    path = Path(path)
    try:
        text = path.read_text("utf8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path.name} cannot be read: pass a report.md or a report.json"
        ) from error
    if path.suffix == ".md":
        found = LAST_LINE.search(text)
        if not found and not text.startswith("# The attention detective: journal"):
            raise ValueError(f"{path.name} is no export of this lab: pass its report.md")
        intact = found is not None and found[1] == _text_digest(text[: found.start()])
        facts = {"intact": intact}
    else:
        data = _read_json(path, text)
        facts = {"intact": data.get("digest") == digest(data), "report": data}
    told = "is as the lab wrote it"
    if not facts["intact"]:
        told = "was **changed after it was exported**: ask for a new one, made from the journal"
    return Shown(f"{plain(path.name)} {told}.", facts)


def _read_json(path: Path, text: str) -> dict:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ValueError(
            f"{path.name} is damaged ({error}): export the journal again, which still has all"
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"{path.name} is no export of this lab: pass its report.json")
    return data
