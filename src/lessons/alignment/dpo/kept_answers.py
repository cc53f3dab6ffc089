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

from lessons.alignment.dpo.short_answers import COUNTRIES, TERMS, form_faults
from lessons.models.open_english.capitals import CAPITALS

FOLDER = Path(__file__).with_name("weights")
PROMPTED = ("longer prompt", "as trained", "best of 4")
Told = TypeVar("Told")


@cache
def kept_samples() -> dict[str, list[str]]:
    """Return the model's own answers about things, from which the pairs are made.

    >>> len(kept_samples()), len(kept_samples()["kettle"])
    (64, 8)
    """
    return json.loads((FOLDER / "samples.json").read_text("utf8"))


def shorter_chosen(samples: Mapping[str, Sequence[str]]) -> float:
    """Return how often, of two answers about a thing, the one that keeps the form is the shorter.

    Each thing with answers of both kinds counts alike, as when pairs are drawn.

    Args:
        samples: By thing, its answers.

    Raises:
        ValueError: No thing has answers of both kinds.

    >>> shorter_chosen({"kite": ["A kite flies.", "What?"], "coin": ["A coin.", "Well, a coin!"]})
    0.5
    """
    shares = []
    for name, some in samples.items():
        words = [(len(one.split()), not form_faults(one, name)) for one in some]
        pairs = [(good, bad) for good, kept in words for bad, other in words if kept > other]
        if pairs:
            shares.append(sum(good < bad for good, bad in pairs) / len(pairs))
    if not shares:
        raise ValueError("no thing has answers of both kinds: pass samples from which pairs can be")
    return sum(shares) / len(shares)


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


def lead_of(
    one: Sequence[Sequence[bool]], other: Sequence[Sequence[bool]], *, draws: int = 2000
) -> tuple[float, float, float]:
    """Return by how much more often one way was right than another, with a 95 % interval.

    Both prompts and seeds are a draw, so both are drawn again with repetition, many times over (the
    bootstrap). Of few seeds, that makes the interval somewhat too narrow.

    Args:
        one: Of each seed of a way, whether it was right on each prompt.
        other: The same of another way, on the same prompts.
        draws: How often is drawn.

    Raises:
        ValueError: The two were not asked as many prompts.

    >>> lead_of([[True, True]], [[False, False]] * 5)
    (1.0, 1.0, 1.0)
    """
    rows = [torch.tensor(some).float() for some in (one, other)]
    asked, others = (some.shape[-1] for some in rows)
    if asked != others:
        raise ValueError(f"{asked} and {others} prompts: pass verdicts on the same ones")
    chance = torch.Generator().manual_seed(0)
    prompts = torch.randint(asked, (draws, asked), generator=chance)
    means = []
    for some in rows:
        seeds = torch.randint(len(some), (draws, len(some)), generator=chance)
        means.append(some[seeds].mean(dim=1).gather(1, prompts).mean(dim=1))
    low, high = (means[0] - means[1]).quantile(torch.tensor([0.025, 0.975])).tolist()
    return (rows[0].mean() - rows[1].mean()).item(), low, high
