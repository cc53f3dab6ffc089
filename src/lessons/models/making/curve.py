"""The loss curve of a training: numbers in loss.csv, and the picture that the model card shows."""

import csv
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from lessons.models.making.resumable import whole_file

# Words stay words, and the same numbers give the same file.
STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "loss",
    "font.family": "sans-serif",
    "font.size": 9,
}


def write_losses(losses: list[float], folder: Path, *, window: int = 50) -> None:
    """Write loss.csv: the mean loss of each `window` steps, in nats.

    Raises:
        ValueError: There is no loss.
    """
    if not losses:
        raise ValueError("there is no loss: pass those of one step at least")
    with whole_file(folder / "loss.csv") as path, open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("step", "loss"))
        for at in range(0, len(losses), window):
            part = losses[at : at + window]
            rows.writerow((at + len(part), f"{sum(part) / len(part):.4f}"))


def draw_losses(folder: Path) -> None:
    """Draw loss.svg from loss.csv."""
    with open(folder / "loss.csv", newline="") as file:
        points = [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(file)]
    steps, losses = zip(*points, strict=True)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5, 2.5), layout="constrained")
        axes = figure.subplots()
        axes.plot(steps, losses, color="#31688e")
        axes.set(xlabel="step", ylabel="cross-entropy (nats)", yscale="log")
        axes.set_yticks([digit * 10**power for power in range(-3, 3) for digit in (1, 2, 5)])
        axes.set_ylim(min(losses) / 1.5, max(losses) * 1.5)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        with whole_file(folder / "loss.svg") as path:
            figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
