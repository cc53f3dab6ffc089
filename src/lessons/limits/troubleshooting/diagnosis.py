"""All diagnostics at once, and a training that shows the symptoms."""

from collections.abc import Mapping, Sequence

from lessons.limits.patient import Patient
from lessons.limits.troubleshooting.attention_checks import (
    heeds_padding,
    reads_the_future,
    rows_miss_one,
    scores_miss_scale,
)
from lessons.limits.troubleshooting.finding import Finding
from lessons.limits.troubleshooting.training_checks import (
    ignores_order,
    steps_too_far,
    sure_from_the_start,
    targets_misplaced,
)

# Each finds the fault of its name in `lessons.limits.troubleshooting.faults`.
DIAGNOSTICS = {
    "mask leak": reads_the_future,
    "softmax axis": rows_miss_one,
    "no scale": scores_miss_scale,
    "padding attended": heeds_padding,
    "no positions": ignores_order,
    "targets not shifted": targets_misplaced,
    "learning rate": steps_too_far,
    "initialization": sure_from_the_start,
}


def diagnose(model: Patient, *, seed: int = 0) -> dict[str, Finding]:
    """Return the finding of every diagnostic, by the name of the fault that it looks for.

    Args:
        model: Untrained, for one of the diagnostics asks how it starts.
        seed: Decides the texts on which it is examined.

    >>> from lessons.limits import Parts
    >>> any(finding.raised for finding in diagnose(Patient(Parts())).values())
    False
    """
    return {name: examine(model, seed=seed) for name, examine in DIAGNOSTICS.items()}


def diagnosis_table(findings: Mapping[str, Mapping[str, Finding]]) -> str:
    """Write a row for each model and a column for each diagnostic, with a cross where it is raised.

    Args:
        findings: What :func:`diagnose` returned, by the name of the model.

    Raises:
        ValueError: There is no model.

    >>> print(diagnosis_table({"a": {"b": Finding(True, ""), "c": Finding(False, "")}}))
       1 2
    a  X ·
    """
    if not findings:
        raise ValueError("there is no model: pass at least one, with its findings")
    width = max(map(len, findings))
    columns = range(1, 1 + max(map(len, findings.values())))
    lines = [" " * width + "  " + " ".join(map(str, columns))]
    for name, row in findings.items():
        marks = " ".join("X" if finding.raised else "·" for finding in row.values())
        lines.append(f"{name:{width}}  {marks}")
    return "\n".join(lines)


def smoothed(losses: Sequence[float], *, window: int = 20) -> list[float]:
    """Return the mean loss of each `window` steps.

    >>> smoothed([4.0, 2.0, 1.0, 1.0], window=2)
    [3.0, 1.0]
    """
    starts = range(0, len(losses) - window + 1, window)
    return [sum(losses[start : start + window]) / window for start in starts]
