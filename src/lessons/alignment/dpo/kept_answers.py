r"""What SmolLM2 answered before and after its trainings, kept, and how it is counted.

Training and asking take minutes, so the page reads what a command wrote beside the adapter.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch

from lessons.adaptation import paired_interval
from lessons.alignment.dpo.short_answers import COUNTRIES, TERMS, form_faults
from lessons.models.loading.loader import WEIGHTS
from lessons.models.open_english.capitals import CAPITALS

FOLDER = WEIGHTS / "short-answers"


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


def kept_makers() -> dict[str, list[str]]:
    """Return all answers about the terms, by who gave them: a training with its seed, or a prompt.

    >>> list(kept_makers())[:4]
    ['untrained', 'longer prompt', 'as trained', 'best of 4']
    """
    base = kept_answers()["base"]
    makers = {name: base[name] for name in ("longer prompt", "as trained", "best of 4")}
    runs = {f"{run['way']} {run['seed']}": run["answers"] for run in kept_answers()["runs"]}
    return (
        {"untrained": base["terms"]} | makers | {name: one["terms"] for name, one in runs.items()}
    )


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


def lead_of(one: Sequence[bool], other: Sequence[bool]) -> tuple[float, float, float]:
    """Return by how much more often one of two was right on the same prompts, with its interval.

    >>> lead_of([True, True], [False, False])
    (1.0, 1.0, 1.0)
    """
    apart = torch.tensor(one).float() - torch.tensor(other).float()
    low, high = paired_interval(apart, generator=torch.Generator().manual_seed(0))
    return apart.mean().item(), low, high
