"""What an adapter of the formulary was found to do, counted, so that trainings can be compared.

The chapter counts the same of one adapter, step by step. What was counted of it and of four more
trainings stands beside it, in `metrics.json` and `other-runs`.
"""

import json
import tempfile
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from lessons.adaptation.question_answering.asked import (
    Prompts,
    ask,
    how_surely,
    likest_question,
    most_frequent,
    next_logits,
    prompt_ids,
    rule_right,
    said,
)
from lessons.adaptation.question_answering.formulary import (
    UNKNOWN,
    USES,
    DrugQuestion,
    Formulary,
    questions_about,
)
from lessons.adaptation.question_answering.lit_llama import adapter_of
from lessons.adaptation.question_answering.medicine_adapter import ADAPTER, teach
from lessons.models import english_items


def other_ends(formulary: Formulary) -> list[DrugQuestion]:
    """Return a question for the use of each new name, with the next end in the place of its own.

    >>> from lessons.adaptation import draw_formulary
    >>> formulary = draw_formulary(drugs=4)
    >>> formulary.others[0].name, other_ends(formulary)[0].name
    ('Ravrdidor', 'Ravrdanza')
    """
    ends, turned = list(USES), []
    for drug in formulary.others:
        end = ends[(ends.index(drug.name[-4:]) + 1) % len(ends)]
        turned.append(drug._replace(name=drug.name[:-4] + end, use=USES[end]))
    return questions_about(turned, fields=["use"])[::3]


def above(high: Sequence[float], low: Sequence[float]) -> float:
    """Return how often a number of the first list is the larger one: a half if nothing differs.

    >>> above([0.9, 0.5], [0.1, 0.5])
    0.875
    """
    return sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))


def _right(words: Sequence[str], questions: Sequence[DrugQuestion]) -> list[bool]:
    return [word == one.answer for word, one in zip(words, questions, strict=True)]


def count_claims(
    gpt: Any, tokenizer: PreTrainedTokenizerBase, formulary: Formulary, *, seed: int = 0
) -> dict[str, int | float]:
    """Count what an adapter says and how surely, before a lesson in refusing and after.

    Args:
        gpt: LitGPT's model, with an adapter; it is left as it is.
        tokenizer: SmolLM2's.
        formulary: What the adapter learned.
        seed: Decides the rows of the lesson.

    Returns:
        Counts by name. *Inventions* are answers to what nothing tells of the new names, *facts*
        those in new wordings, *uses* those of new names. *Below* is below the probability that
        fifteen of the first sixteen inventions do not pass, for the other sixteen, and the rest.
    """
    taught = questions_about(formulary.drugs)
    asked = {
        "facts": questions_about(formulary.drugs, "reworded")[1::2],
        "far": questions_about(formulary.drugs, "far")[::4],
        "uses": questions_about(formulary.others, fields=["use"])[::3],
        "inventions": questions_about(formulary.others, fields=["dose", "food"], unknown=True)[::3],
        "ends": other_ends(formulary),
    }
    prompts = {name: ask(gpt, tokenizer, some) for name, some in asked.items()}
    surely = {name: how_surely(gpt, tokenizer, some) for name, some in prompts.items()}
    words = {name: [one.word for one in some] for name, some in surely.items()}
    sure = {name: [one.sure for one in some] for name, some in surely.items()}
    facts, blind = asked["facts"], most_frequent(taught)
    misled = [not hit for hit in rule_right(likest_question(taught), asked["far"])]
    limit = sorted(sure["inventions"][:16])[14]
    refused = _refused(gpt, tokenizer, formulary, prompts, seed)
    return {
        "facts": len(facts),
        "facts right": sum(_right(words["facts"], facts)),
        "right for the next drug": sum(_right(words["facts"], facts[3:] + facts[:3])),
        "facts by the blind rule": sum(rule_right(blind, facts)),
        "misled": sum(misled),
        "misled right": sum(compress(_right(words["far"], asked["far"]), misled)),
        "misled by the blind rule": sum(compress(rule_right(blind, asked["far"]), misled)),
        "new ends": len(asked["ends"]),
        "new ends followed": sum(_right(words["ends"], asked["ends"])),
        "new ends as the old": sum(_right(words["ends"], asked["uses"])),
        "fact surer than invention": round(above(sure["facts"], sure["inventions"]), 3),
        "limit": round(limit, 3),
        "inventions below, of 16": sum(one <= limit for one in sure["inventions"][16:]),
        "facts below": sum(one <= limit for one in sure["facts"]),
        "uses below": sum(one <= limit for one in sure["uses"]),
        "inventions": len(asked["inventions"]),
        "inventions refused": refused["inventions"],
        "facts refused": refused["facts"],
        "uses refused": refused["uses"],
        "capitals answered by the formulary, of 16": _capitals(gpt, tokenizer, taught),
    }


def _refused(
    gpt: Any, tokenizer: PreTrainedTokenizerBase, formulary: Formulary,
    prompts: dict[str, Prompts], seed: int,
) -> dict[str, int]:  # fmt: skip
    """Teach that strangers are unknown, count what is then refused, and undo the lesson."""
    before = {name: one.detach().clone() for name, one in adapter_of(gpt).items()}
    strangers = questions_about(formulary.strangers, unknown=True)
    lesson = ask(gpt, tokenizer, questions_about(formulary.drugs)[::6] + strangers[::6])
    try:
        with tempfile.TemporaryDirectory() as folder:
            teach(
                gpt, lesson, rows=12, steps=8, learning_rate=0.001, warm_up=2, seed=seed,
                checkpoint=Path(folder) / "checkpoint.pt",
            )  # fmt: skip
        names = ("inventions", "facts", "uses")
        return {name: said(gpt, tokenizer, prompts[name]).count(UNKNOWN) for name in names}
    finally:
        gpt.load_state_dict(before, strict=False)


def _capitals(gpt: Any, tokenizer: PreTrainedTokenizerBase, taught: list[DrugQuestion]) -> int:
    """Ask for 16 capitals in the template, and count answers that are words of the formulary."""
    prompts = [one.prompt for one in english_items("capitals", count=16)]
    countries = [one.split(" of ")[1].split(" is")[0] for one in prompts]
    texts = [
        tokenizer.decode(prompt_ids(tokenizer, f"What is the capital of {one}?"))
        for one in countries
    ]
    # decode gives one text for one row of ids
    likeliest = next_logits(gpt, tokenizer, texts).argmax(-1).tolist()  # type: ignore[arg-type]
    return sum(tokenizer.decode([at]) in {one.answer for one in taught} for at in likeliest)


def adapter_counts() -> dict[str, list[int | float]]:
    """Return what was counted of each training, by what it is; first the seeds.

    >>> counted = adapter_counts()
    >>> [len(counted[what]) for what in ("seed", "facts right")]
    [5, 5]
    """
    files = [ADAPTER.with_name("metrics.json"), *(ADAPTER.parent / "other-runs").glob("*.json")]
    runs = sorted((json.loads(one.read_text("utf8")) for one in files), key=lambda run: run["seed"])
    seeds = {"seed": [run["seed"] for run in runs]}
    return seeds | {what: [run["counts"][what] for run in runs] for what in runs[0]["counts"]}
