"""Step 1: where a word looks, head by head, in two sentences that differ."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from lab.machine import read
from lab.showing import Shown, plain, table
from lessons.models import Loaded

MOST_ROWS = 16  # unless a layer is asked for


class Comparison(Shown):
    """Where one word looks in several sentences: a table, and the weights for figures."""

    def __init__(self, markdown: str, facts: dict, weights: list[Tensor], tokens: list[list[str]]):
        super().__init__(markdown, facts)
        self.weights = weights
        self.tokens = tokens

    @property
    def labels(self) -> list[str]:
        """What looks in each of :meth:`rows`: the word, in the head layer.head."""
        return [f"{self.facts['word']} in {head}" for head in self.facts["heads"]]

    def rows(self, sentence: int) -> Float[Tensor, "heads keys"]:
        """Return the word's row of every head in one sentence (the first is 0)."""
        return self.weights[sentence].flatten(0, 1)


@torch.no_grad()
def compare_sentences(
    loaded: Loaded, sentences: Sequence[str], word: str, *, layer: int | None = None
) -> Comparison:
    """Compare where a word looks in two or more sentences, for every head of an encoder.

    Args:
        loaded: An encoder.
        sentences: Two or more; they need not have the same length.
        word: A token that each of them has, such as a pronoun; of several the last one counts.
        layer: Which layer's heads the table shows. None: all, or of very many those that move.

    Raises:
        ValueError: There are fewer than two sentences, one cannot be read, or lacks the word; or
            there is no such layer.

    >>> from lab.machine import load_model
    >>> both = [f"the cup does not fit in the trunk because it is too {how} ."
    ...         for how in ("big", "small")]
    >>> compare_sentences(load_model("encoder", source="book"), both, "it").facts["heads"]["1.1"]
    [['cup', 0.94], ['trunk', 0.99]]
    """
    if isinstance(sentences, str) or len(sentences) < 2:
        raise ValueError("there is nothing to compare: pass a list of two or more sentences")
    weights, tokens = [], []
    for number, text in enumerate(sentences, start=1):
        encoded, found = read(loaded, text, f"sentence {number}", by=["encoder", "decoder"])
        place = _place(found, word, number)
        maps = torch.cat(loaded.model(**encoded, output_attentions=True).attentions)
        weights.append(maps[:, :, place].cpu())
        tokens.append(found)
    layers, heads = weights[0].shape[:2]
    strongest = {
        f"{layer}.{head}": [
            [found[int(row[layer, head].argmax())], round(float(row[layer, head].max()), 2)]
            for row, found in zip(weights, tokens, strict=True)
        ]
        for layer in range(layers)
        for head in range(heads)
    }
    facts: dict[str, Any] = {"model": loaded.provenance, "sentences": list(sentences), "word": word}
    facts |= {"layers": layers, "heads_a_layer": heads, "heads": strongest}
    if layer is not None and layer not in range(layers):
        raise ValueError(f"there is no layer {layer!r}: pass one from 0 to {layers - 1}")
    return Comparison(_told(facts, layer), facts, weights, tokens)


def _place(tokens: list[str], word: str, number: int) -> int:
    """Return where a word stands last among tokens."""
    places = [at for at, token in enumerate(tokens) if token.lower() == str(word).strip().lower()]
    if not places:
        raise ValueError(
            f"sentence {number} has no token {word!r}: pass one of {', '.join(map(repr, tokens))}"
        )
    return places[-1]


def _told(facts: dict, layer: int | None) -> str:
    """Return the table, with the heads that look elsewhere first where there are too many."""
    moved = [head for head, ends in facts["heads"].items() if len({end[0] for end in ends}) > 1]
    shown = [head for head in facts["heads"] if layer is None or head.startswith(f"{layer}.")]
    if layer is None and len(shown) > MOST_ROWS:
        shown = [*moved, *(head for head in shown if head not in moved)][:MOST_ROWS]
    columns = [f"in sentence {n + 1}" for n in range(len(facts["sentences"]))]
    rows = [
        [head, *(f"{token} {weight:.2f}" for token, weight in facts["heads"][head]),
         "yes" if head in moved else "no"]
        for head in shown
    ]  # fmt: skip
    rest = len(facts["heads"]) - len(shown)
    return (
        f"Where *{plain(facts['word'])}* looks most, with the weight "
        f"({plain(facts['model'])}):\n\n{table(['head', *columns, 'another word'], rows)}\n\n"
        f"{len(moved)} of {len(facts['heads'])} heads look at another word."
        + (
            f" {rest} heads are not shown: pass layer=0 to layer={facts['layers'] - 1} for those "
            "of one layer."
            if rest
            else ""
        )
    )
