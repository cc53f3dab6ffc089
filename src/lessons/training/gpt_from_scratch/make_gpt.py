r"""Train the larger GPT: `python -m lessons.training.gpt_from_scratch.make_gpt --seed 0`.

It takes some minutes on one core. Killed, it goes on from its last checkpoint, and ends with the
same bits. `--until` stops it on the way, where time is short.
"""

import argparse
import csv
import json
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from lessons.families import next_token_loss, small_decoder
from lessons.families.decoder_only import DecoderOnly
from lessons.models.making.resumable import whole_file
from lessons.training.gpt_from_scratch.by_heart import recited
from lessons.training.gpt_from_scratch.gpt_recipe import Recipe
from lessons.training.gpt_from_scratch.larger_gpt import (
    COMMAND,
    DROPPED,
    SIZES,
    kept_runs,
    larger_gpt,
    load_gpt,
    save_gpt,
)
from lessons.training.gpt_from_scratch.longer_counts import kneser_ney_loss
from lessons.training.gpt_from_scratch.next_word_baselines import bigram_loss, unigram_loss
from lessons.training.gpt_from_scratch.plain_loop import train_by_hand
from lessons.training.prose import Prose, read_prose
from lessons.training.text_batches import Batches, rows_of

VOCAB, ROWS, EVERY = 320, 16, 100
RECIPE = Recipe(steps=1500, learning_rate=2e-3, warm_up=50)
SHORT = Recipe(steps=300, learning_rate=0.02, warm_up=20)  # the chapter's
CARD = """---
language: en
license: cc-by-4.0
---

# A small GPT that has read this book's prose

{numbers:,} numbers in half precision: {layers} layers, {d_model} wide, texts of {positions} tokens,
{vocab} tokens. It goes on where a sentence breaks off, in letters and words that look like this
book's, and knows nothing. It is there to be continued and taken apart.

## Data and training

{data}

Trained by `{command} --seed {seed}`:
{steps} steps of {rows} rows, AdamW, highest rate {rate}, dropout {dropped}; {minutes} minutes of
one core. The loss is that of the next token, in nats.

## Metrics

{metrics}

{heart}

## Limits

{limits}
"""
DATA = (
    "462 paragraphs of this book's chapters as they stood in November 2026 "
    "(`lessons/training/prose.txt`, CC BY 4.0), {learned:,} tokens, read {times:.0f} times over. "
    "Each tenth paragraph is held out. Of these, the first 70 rows of 64 tokens are the test; "
    "the other rows chose rate, steps and dropout."
)
HEART = (
    "Recited: of 16 tokens that follow 48 given ones, how many a model goes on with as the text "
    "does before it first errs, over {of} rows. All 16: in {whole} rows of the text that it "
    "learned, in {whole_held} held-out ones, all seeds together. On average, by seed: {learned} of "
    "the text that it learned, {test} of held-out rows."
)
LIMITS = (
    "A small text, read often: the loss on what was read lies far below that on held-out "
    "paragraphs. A small GPT that is trained for as many steps comes within {gap:.2f} nats, though "
    "nobody searched for its rate, and who counts runs of tokens and learns nothing pays less. "
    "Held-out paragraphs are of the same book; for other prose expect more. Rate, steps and "
    "dropout are the best of six trials with seed 0."
)
ROWS_OF_CARD = (
    "learned rows",
    "validation rows",
    "test rows",
    "test rows, in half precision",
    "test rows, the chapter's small GPT after 300 steps",
    "test rows, the small GPT after as many steps",
)


def parts(prose: Prose) -> dict[str, Int64[Tensor, "rows length"]]:
    """Return the rows that are scored: of the text that is learned, for choices, for the test."""
    held_out = rows_of(prose.held_out, 64)
    return {
        "learned": rows_of(prose.learned, 64)[::17][:70],
        "validation": held_out[70:],
        "test": held_out[:70],
    }


@torch.no_grad()
def score(model: DecoderOnly, rows: dict[str, Tensor]) -> dict[str, float]:
    """Return a model's losses on some parts, in nats a token."""
    return {name: next_token_loss(model, some).item() for name, some in rows.items()}


def train_on(
    model: DecoderOnly, batches: Batches, recipe: Recipe, folder: Path, until: int, rows: dict
) -> list[dict[str, float]]:
    """Train in pieces of `EVERY` steps, from the last checkpoint, and score after each.

    The scores stand in loss.csv, whose last row is never ahead of the checkpoint.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file, done = folder / "loss.csv", []
    if file.exists():
        with open(file, newline="") as read:
            done = [{key: float(one) for key, one in row.items()} for row in csv.DictReader(read)]
    checkpoint = folder / "checkpoint.pt"
    for step in range(EVERY * (len(done) + 1), min(until, recipe.steps) + 1, EVERY):
        began = time.process_time()
        losses = train_by_hand(model, batches, recipe, file=checkpoint, every=EVERY, until=step)
        scores = score(model, rows)
        row = {"step": float(step), "batches": sum(losses[-EVERY:]) / EVERY} | scores
        done.append(row | {"seconds": time.process_time() - began})
        with whole_file(file) as path, open(path, "w", newline="") as written:
            lines = csv.writer(written, lineterminator="\n")
            lines.writerow(done[0])
            lines.writerows([f"{one:.4g}" for one in row.values()] for row in done)
        print(*(f"{name} {one:.3f}" for name, one in done[-1].items()), flush=True)
    if checkpoint.exists():  # all had been done
        train_by_hand(model, batches, recipe, file=checkpoint, until=0)
    return done


def measured(
    model: DecoderOnly, kept: DecoderOnly, prose: Prose, rows: dict, seed: int
) -> dict[str, Any]:
    """Return what the card tells of one training, and of the chapter's small GPT beside it."""
    scores = score(model, rows)
    losses = {f"{name} rows": one for name, one in scores.items()}
    losses["test rows, in half precision"] = score(kept, {"test": rows["test"]})["test"]
    for name, recipe in zip(
        ROWS_OF_CARD[4:], (SHORT, Recipe(RECIPE.steps, SHORT.learning_rate, SHORT.warm_up)),
        strict=True,
    ):  # fmt: skip
        small = small_decoder(VOCAB, positions=64, d_model=64, layers=2, seed=seed)
        batches = Batches(prose.learned, rows=ROWS, length=64, count=recipe.steps, seed=seed)
        train_by_hand(small, batches, recipe)
        losses[name] = score(small, {"test": rows["test"]})["test"]
    heart = {
        name: recited(kept, some[:70], given=48).tolist()
        for name, some in rows.items()
        if name != "validation"
    }
    return {"losses": losses, "recited": heart}


def counted(prose: Prose, rows: dict[str, Tensor]) -> dict[str, float]:
    """Return what counting pays on the test rows: tokens, pairs, and runs of up to six."""
    test = rows["test"]
    return {
        "unigrams": unigram_loss(prose.learned, test.flatten(), VOCAB),
        "bigrams": bigram_loss(prose.learned, test.flatten(), VOCAB),
        "runs of up to six": kneser_ney_loss(prose.learned, test, VOCAB, before=5),
    }


def card(runs: Sequence[dict[str, Any]]) -> str:
    """Return the card: of the first run, whose weights are kept, and the spread over all."""
    own = runs[0]
    rows = [["nats a token", *(f"seed {run['seed']}" for run in runs)], ["---"] * (1 + len(runs))]
    for name in ROWS_OF_CARD:
        rows.append([name, *(f"{run['losses'][name]:.3f}" for run in runs)])
    for name, nats in own["counted"].items():
        rows.append([f"test rows, counted: {name}", *[f"{nats:.3f}"] * len(runs)])
    pairs = [(run["losses"][ROWS_OF_CARD[5]], run["losses"]["test rows"]) for run in runs]
    recites = {part: [run["recited"][part] for run in runs] for part in ("learned", "test")}
    heart = HEART.format(
        whole=sum(one.count(16) for one in recites["learned"]),
        whole_held=sum(one.count(16) for one in recites["test"]),
        of=len(own["recited"]["learned"]),
        **{part: ", ".join(f"{sum(one) / len(one):.1f}" for one in some)
           for part, some in recites.items()},
    )  # fmt: skip
    data = DATA.format(
        learned=own["tokens"], times=own["steps"] * ROWS * SIZES["positions"] / own["tokens"]
    )
    return CARD.format(
        **{key: own[key] for key in ("seed", "steps", "minutes", "numbers")}, **SIZES,
        vocab=VOCAB, rows=ROWS, rate=RECIPE.learning_rate, dropped=DROPPED, command=COMMAND,
        data=textwrap.fill(data, 98), heart=textwrap.fill(heart, 98),
        limits=textwrap.fill(LIMITS.format(gap=max(a - b for a, b in pairs)), 98),
        metrics="\n".join(f"| {' | '.join(cells)} |" for cells in rows),
    )  # fmt: skip


def write_card(folder: Path) -> None:
    """Write README.md from a folder's metrics.json, and those in its other-runs."""
    with whole_file(folder / "README.md") as path:
        path.write_text(card(kept_runs(folder)), "utf8")


def main(arguments: list[str] | None = None) -> None:
    """Train the larger GPT, score it, and write it with its metrics and its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--until", type=int, default=RECIPE.steps, help="stop after this step")
    parser.add_argument("--out", type=Path, help="default: _build/models/gpt-seedSEED")
    parser.add_argument("--card", type=Path, help="only write this folder's card anew")
    chosen = parser.parse_args(arguments)
    if chosen.card:
        write_card(chosen.card)
        return
    folder = chosen.out or Path("_build/models") / f"gpt-seed{chosen.seed}"
    prose = read_prose(vocab_size=VOCAB)
    rows, model = parts(prose), larger_gpt(VOCAB, seed=chosen.seed)
    batches = Batches(prose.learned, rows=ROWS, length=64, count=RECIPE.steps, seed=chosen.seed)
    torch.manual_seed(chosen.seed)  # dropout draws from it
    curve = train_on(model, batches, RECIPE, folder, chosen.until, rows)
    if len(curve) * EVERY < RECIPE.steps:
        return
    save_gpt(model, prose.tokenizer, folder)
    kept = load_gpt(prose.tokenizer, folder)
    run = {
        "seed": chosen.seed,
        "steps": RECIPE.steps,
        "minutes": round(sum(row["seconds"] for row in curve) / 60, 1),
        "numbers": sum(one.numel() for one in model.parameters()),
        "tokens": len(prose.learned),
        "counted": counted(prose, rows),
    } | measured(model, kept, prose, rows, chosen.seed)
    with whole_file(folder / "metrics.json") as path:
        path.write_text(json.dumps(run, indent=1) + "\n", "utf8")
    write_card(folder)


if __name__ == "__main__":
    main()
