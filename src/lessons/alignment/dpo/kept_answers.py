r"""What SmolLM2 answered before and after its trainings, kept, and how it is counted.

Training and asking take minutes, so the page reads what a command wrote beside the adapter.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import torch

from lessons.adaptation import paired_interval
from lessons.alignment.dpo.short_answers import COUNTRIES, TERMS, form_faults
from lessons.models.open_english.capitals import CAPITALS

FOLDER = Path(__file__).with_name("weights")
PROMPTED = ("longer prompt", "as trained", "best of 4")
Told = TypeVar("Told")
Verdicts = Sequence[bool] | Sequence[float]


@cache
def kept_samples() -> dict[str, list[str]]:
    """Return the model's own answers about things, from which the pairs are made.

    >>> len(kept_samples()), len(kept_samples()["kettle"])
    (64, 8)
    """
    return json.loads((FOLDER / "samples.json").read_text("utf8"))


@cache
def kept_answers() -> dict[str, Any]:
    """Return what was answered: `base`, and `runs`, one for each way and seed.

    >>> len(kept_answers()["base"]["terms"]) == len(TERMS)
    True
    """
    return json.loads((FOLDER / "answers.json").read_text("utf8"))


def kept_run(way: str, *, seed: int = 0) -> dict[str, Any]:
    """Return what came of one training: its answers, its margins, and what it cost.

    Raises:
        ValueError: There is no such training.

    >>> kept_run("DPO")["steps"]
    40
    >>> kept_run("PPO")
    Traceback (most recent call last):
    ValueError: no training 'PPO' with seed 0 is kept: pass one of the ways in kept_answers()
    """
    for run in kept_answers()["runs"]:
        if (run["way"], run["seed"]) == (way, seed):
            return run
    raise ValueError(
        f"no training {way!r} with seed {seed} is kept: pass one of the ways in kept_answers()"
    )


def kept_makers(asked: str = "terms") -> dict[str, list[str]]:
    """Return all answers about the terms, by who gave them: a training with its seed, or a prompt.

    Args:
        asked: `terms`, in other words than the training's, with the prompts beside; or
            `as trained`, in the same words, of those that were asked so.

    >>> list(kept_makers())[:4]
    ['untrained', 'longer prompt', 'as trained', 'best of 4']
    >>> list(kept_makers("as trained"))[0]
    'untrained'
    """
    base = kept_answers()["base"]
    prompts = PROMPTED if asked == "terms" else ()
    runs = {f"{run['way']} {run['seed']}": run["answers"] for run in kept_answers()["runs"]}
    return (
        {"untrained": base[asked]}
        | {name: base[name] for name in prompts}
        | {name: one[asked] for name, one in runs.items() if asked in one}
    )


def by_way(told: Mapping[str, Told]) -> dict[str, list[Told]]:
    """Return what is told of each maker, with the seeds of a way of training together.

    >>> ways = by_way(dict.fromkeys(kept_makers(), 1))
    >>> len(ways["untrained"]), len(ways["chosen alone"]) > 1
    (1, True)
    """
    ways = {f"{run['way']} {run['seed']}": run["way"] for run in kept_answers()["runs"]}
    found: dict[str, list[Told]] = {}
    for maker, one in told.items():
        found.setdefault(ways.get(maker, maker), []).append(one)
    return found


def share_of_form(answers: Sequence[str]) -> float:
    """Return the share of answers about the terms that keep the form."""
    kept = [not form_faults(one, name) for one, name in zip(answers, TERMS, strict=True)]
    return sum(kept) / len(kept)


def gives_lists(answers: Sequence[str]) -> list[bool]:
    r"""Say which answers have three lines or more: what was asked for is a list.

    >>> gives_lists(["1. red", "1. red\n2. blue\n3. pink"])
    [False, True]
    """
    return [len(re.findall(r"\S[^\n]*", one)) >= 3 for one in answers]


def names_capitals(answers: Sequence[str]) -> list[bool]:
    """Say which answers name the capital that was asked for.

    >>> sum(names_capitals(["It is Paris."] * 12))
    1
    """
    return [CAPITALS[name] in one for name, one in zip(COUNTRIES, answers, strict=True)]


def lead_of(one: Verdicts, other: Verdicts) -> tuple[float, float, float]:
    """Return by how much more often one of two was right on the same prompts, with its interval.

    Of several seeds, pass how often they were right on each prompt, in the mean.

    >>> lead_of([True, True], [False, False])
    (1.0, 1.0, 1.0)
    """
    apart = torch.tensor(one).float() - torch.tensor(other).float()
    low, high = paired_interval(apart, generator=torch.Generator().manual_seed(0))
    return apart.mean().item(), low, high
