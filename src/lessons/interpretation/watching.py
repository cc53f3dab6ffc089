"""Watch a model read a text, or translate one: the weights of all its heads, with their tokens.

Any encoder, decoder or translator that :func:`~lessons.models.loading.loader.load` opens will do;
nothing here knows the book's grammar.
"""

from itertools import takewhile
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from lessons.models.loading.encoding import encode
from lessons.models.loading.loader import Loaded


class Watched(NamedTuple):
    """The weights of every head, and the tokens that stand at the rows and columns."""

    weights: Float[Tensor, "layers heads queries keys"]
    queries: list[str]
    keys: list[str]

    def head(self, layer: int, head: int | None = None) -> Float[Tensor, "queries keys"]:
        """Return one head's map, or the mean of a layer's heads for None.

        Raises:
            ValueError: The model has no such layer or head.
        """
        layers, heads = self.weights.shape[:2]
        if not 0 <= layer < layers:
            raise ValueError(f"there is no layer {layer}: pass one from 0 to {layers - 1}")
        if head is None:
            return self.weights[layer].mean(dim=0)
        if not 0 <= head < heads:
            raise ValueError(
                f"there is no head {head} in layer {layer}: pass one from 0 to {heads - 1}, or "
                "None for the mean"
            )
        return self.weights[layer, head]

    def strongest(self, word: str, layer: int, head: int | None = None) -> tuple[str, float]:
        """Return where a token looks most, and with which weight; its last place counts.

        Raises:
            ValueError: The token is not among the queries, or there is no such layer or head.
        """
        wanted = word.strip().lower()
        places = [place for place, token in enumerate(self.queries) if token.lower() == wanted]
        if not places:
            raise ValueError(f"no token is {word!r}: pass one of {', '.join(self.queries)}")
        weight, key = self.head(layer, head)[places[-1]].max(dim=0)
        return self.keys[int(key)], float(weight)


@torch.no_grad()
def watch_reading(loaded: Loaded, text: str) -> Watched:
    """Return the self-attention of an encoder or a decoder on a text.

    Raises:
        ValueError: The model cannot read this text, or it is a translator.

    >>> from lessons.models import load
    >>> watch_reading(load("decoder", source="book"), "tom sleeps .").queries
    ['tom', 'sleeps', '.']
    """
    batch = _batch(loaded, text)
    weights = torch.cat(loaded.model(**batch, output_attentions=True).attentions).cpu()
    tokens = _shown(loaded.tokenizer, batch["input_ids"][0].tolist())
    return Watched(weights, tokens, tokens)


@torch.no_grad()
def watch_translating(loaded: Loaded, text: str, *, max_new_tokens: int = 40) -> Watched:
    """Let a translator write greedily; return where each step looked in the source.

    A row of the weights is the step that writes its token, so the row is what the decoder looked
    at *before* the token was there.

    Args:
        loaded: A translator.
        text: The source. A T5 of the hub must be told its task: "translate English to French: …".
        max_new_tokens: How many tokens at most.

    Raises:
        ValueError: The model cannot read this text, or it is no translator.

    >>> from lessons.models import load
    >>> watch_translating(load("translator", source="book"), "tom 's car is red").queries
    ['la', 'voiture', 'de', 'tom', 'est', 'rouge', '</s>']
    """
    if loaded.name != "translator":
        raise ValueError(
            f"the {loaded.name} has no cross-attention: pass load('translator'), or call "
            "watch_reading"
        )
    batch = encode(loaded, text).to(loaded.model.device)
    written = loaded.model.generate(  # type: ignore[operator]  # torch's __getattr__ hides transformers' mixin
        **batch, max_new_tokens=max_new_tokens, do_sample=False, num_beams=1
    )
    output = loaded.model(**batch, decoder_input_ids=written[:, :-1], output_attentions=True)
    source, target = batch["input_ids"][0].tolist(), written[0, 1:].tolist()
    return Watched(
        torch.cat(output.cross_attentions).cpu(),
        _shown(loaded.tokenizer, target),
        _shown(loaded.tokenizer, source),
    )


class Changes(NamedTuple):
    """Tokens, and how much the vector of each changed; the first `shared` tokens are the same."""

    tokens: list[str]
    vectors: Float[Tensor, " tokens"]
    shared: int


@torch.no_grad()
def changes_between(loaded: Loaded, text: str, other: str) -> Changes:
    """Compare what a model makes of two texts that begin alike, token for token.

    A token's change is the largest, over all layers, of the distance between its two vectors,
    relative to the first one's length.

    Raises:
        ValueError: The model cannot read a text, it is a translator, or the texts are the same or
            have no common beginning.

    >>> from lessons.models import load
    >>> changes = changes_between(load("decoder", source="book"), "tom sleeps .", "tom is old .")
    >>> changes.tokens, changes.shared, bool(changes.vectors[0] < 1e-5)
    (['tom', 'sleeps', '.'], 1, True)
    """
    batches = [_batch(loaded, one) for one in (text, other)]
    ids = [batch["input_ids"][0].tolist() for batch in batches]
    pairs = list(zip(*ids, strict=False))
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    if shared == 0 or ids[0] == ids[1]:
        raise ValueError(
            "the texts are the same or have no common beginning: change a word, but not the first"
        )
    states = [
        torch.stack(loaded.model(**batch, output_hidden_states=True).hidden_states)[:, 0]
        for batch in batches
    ]
    one, two = (of[:, : len(pairs)] for of in states)
    change = (one - two).norm(dim=-1) / one.norm(dim=-1)
    tokens = _shown(loaded.tokenizer, ids[0][: len(pairs)])
    return Changes(tokens, change.amax(dim=0).cpu(), shared)


def _shown(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> list[str]:
    """Return tokens as a reader wants to see them: without the signs that stand for a space."""
    return [str(tokenizer.decode([one])).strip() or "␣" for one in ids]


def _batch(loaded: Loaded, text: str):
    """Encode a text for a model that reads and does not translate."""
    if loaded.name == "translator":
        raise ValueError(
            "a translator reads one text and writes another: call watch_translating, or pass "
            "load('encoder') or load('decoder')"
        )
    return encode(loaded, text).to(loaded.model.device)
