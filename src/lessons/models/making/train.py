"""Retrain a model of the book: `python -m lessons.models.making.train encoder`, for example."""

import argparse
import os
import tempfile
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast
from transformers.utils import logging

from lessons.models.making import (
    curve,
    recipes,
    resumable as loop,
    training_rows as batches,
    word_tokenizer as vocabulary,
)


def build(name: str, *, seed: int) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Make an untrained model and its tokenizer.

    Args:
        name: `encoder`, `decoder` or `translator`.
        seed: Where the random weights come from.

    Raises:
        ValueError: The name is no book model's.
    """
    if name not in recipes.RECIPES:
        raise ValueError(
            f"there is no recipe for {name!r}: pass one of {', '.join(recipes.RECIPES)}"
        )
    recipe = recipes.RECIPES[name]
    tokenizer = vocabulary.make_tokenizer(
        name, vocabulary.words_of(name), max_length=recipe.positions
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return recipe.model(recipe.config(tokenizer)), tokenizer


def publish(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write model and tokenizer in the Hugging Face format, every file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        model.save_pretrained(scratch)
        tokenizer.save_pretrained(scratch)
        for written in sorted(Path(scratch).iterdir()):
            written.chmod(0o644)
            os.replace(written, folder / written.name)


def main(arguments: list[str] | None = None) -> None:
    """Train, write the weights, score them, and write the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=tuple(recipes.RECIPES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="default: the recipe's")
    parser.add_argument("--out", type=Path, help="default: _build/models/NAME-seedSEED")
    parser.add_argument("--threads", type=int, default=1, help="other counts give other bits")
    parser.add_argument("--plain-mlm", action="store_true", help="no antecedent labels")
    parser.add_argument("--no-card", action="store_true", help="skip scoring and the model card")
    chosen = parser.parse_args(arguments)
    if chosen.plain_mlm and chosen.name != "encoder":
        parser.error("--plain-mlm is for the encoder: leave it out")
    torch.set_num_threads(chosen.threads)
    logging.disable_progress_bar()
    recipe = recipes.RECIPES[chosen.name]
    folder = chosen.out or Path("_build/models") / f"{chosen.name}-seed{chosen.seed}"
    steps = chosen.steps or recipe.steps
    model, tokenizer = build(chosen.name, seed=chosen.seed)
    batch = batches.plain_mlm_batch if chosen.plain_mlm else recipe.batch
    ids = tokenizer.get_vocab()
    checkpoint = "plain-mlm.pt" if chosen.plain_mlm else "checkpoint.pt"
    with tqdm(total=steps, desc=chosen.name, unit="step") as bar:

        def report(step: int, loss: float) -> None:
            bar.update(step - bar.n)
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

        progress = loop.train(
            model, lambda rng: batch(rng, ids), steps=steps,
            learning_rate=recipe.learning_rate, seed=chosen.seed,
            checkpoint=folder / checkpoint, report=report,
        )  # fmt: skip
        bar.update(steps - bar.n)
    publish(model, tokenizer, folder)
    curve.write_losses(progress.losses, folder)
    curve.draw_losses(folder)
    if not chosen.no_card:
        from lessons.models.judging import card

        objective = "plain" if chosen.plain_mlm else "book"
        card.score_and_write(chosen.name, folder, chosen.seed, progress, objective=objective)


if __name__ == "__main__":
    main()
