r"""Redundancy: how many heads a sentence encoder can lose before its output changes.

An encoder's output is the mean of its tokens' vectors, one vector a sentence. Silence heads
and measure the cosine between the sentence's vector before and after: 1 means that nothing
that the output shows depended on them.

Reference: :cite:t:`michel2019`, sections 3 and 4.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.interpretation.ablation import ablate_heads, ablation_effects
from lessons.interpretation.patching import record_heads
from lessons.models import Loaded, sentence_vectors


@torch.no_grad()
def mean_writing(
    loaded: Loaded, sentences: Sequence[str]
) -> dict[tuple[int, int], Float[Tensor, " d_head"]]:
    """Return what each head writes on average, over all tokens of some sentences.

    Args:
        loaded: An encoder.
        sentences: What it reads; others than those that are measured.
    """
    batch = loaded.tokenizer(list(sentences), padding=True, return_tensors="pt")
    with record_heads(loaded.model) as written:
        loaded.model(**batch)
    real = batch.attention_mask.bool()
    return {head: values[real].mean(dim=0) for head, values in written.items()}


def similarity_without(
    loaded: Loaded,
    heads: Iterable[tuple[int, int]],
    sentences: Sequence[str],
    *,
    instead: Mapping[tuple[int, int], Float[Tensor, " d_head"]] | None = None,
) -> float:
    """Return the mean cosine between the sentences' vectors with and without these heads.

    Args:
        loaded: An encoder.
        heads: The heads to silence, as (layer, head), both counted from 0.
        sentences: What the encoder reads.
        instead: What each writes in place of its own, such as :func:`mean_writing`; zeros if
            None. Zeros are something that a model may never have met, so they can do more harm
            than the mere loss of what the head would have said.

    Raises:
        ValueError: There is no such head.
    """
    whole = sentence_vectors(loaded, sentences)
    with ablate_heads(loaded.model, heads, instead=instead):
        return _mean_cosine(whole, sentence_vectors(loaded, sentences))


def heads_by_importance(
    loaded: Loaded,
    sentences: Sequence[str],
    *,
    instead: Mapping[tuple[int, int], Float[Tensor, " d_head"]] | None = None,
) -> list[tuple[int, int]]:
    """Return all heads as (layer, head), the one whose loss changes the output least first.

    Args:
        loaded: An encoder.
        sentences: What importance is measured on. Measure the effect of removing several
            heads on *other* sentences, for the choice fits these.
        instead: What a silent head writes, as for :func:`similarity_without`. A rank by zeros
            counts what a head always writes, whatever it reads.
    """
    config = loaded.model.config
    heads = list(
        itertools.product(range(config.num_hidden_layers), range(config.num_attention_heads))
    )
    whole = sentence_vectors(loaded, sentences)

    def similarity() -> float:
        return _mean_cosine(whole, sentence_vectors(loaded, sentences))

    effects = ablation_effects(loaded.model, similarity, heads, instead=instead)
    return sorted(heads, key=effects.__getitem__)


def _mean_cosine(one: Tensor, other: Tensor) -> float:
    """Return the mean cosine of vectors of length 1, pair by pair."""
    return float((one * other).sum(dim=-1).mean())
