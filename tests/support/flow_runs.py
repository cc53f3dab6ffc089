"""Runs of the book's three models on one sentence, as the chapter on the families has them."""

from functools import cache

import torch

from lessons import blocks
from lessons.families import from_transformers
from lessons.models import load
from lessons.plots import Run

TEXT = "tom 's red car is old"


@cache
def flow_runs(text: str = TEXT) -> dict[str, Run]:
    """Return what passes in each model; the translator reads what it has written, too."""
    runs = {}
    for name in ("encoder", "decoder", "translator"):
        loaded = load(name, source="book")
        model = from_transformers(loaded.model)
        given = [loaded.tokenizer(text, return_tensors="pt").input_ids]
        if name == "translator":
            out = loaded.model.generate(given[0], max_new_tokens=24, do_sample=False, num_beams=1)
            given.append(out[:, :-1])
        with blocks.record(model) as seen, torch.no_grad():
            seen["logits"] = model(*given)
        words = [loaded.tokenizer.convert_ids_to_tokens(row[0]) for row in given]
        runs[name] = Run(words, dict(seen))
    return runs
