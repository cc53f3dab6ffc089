r"""Kinds of silence: what a head writes when it is to say nothing of the text that is read.

Zeros take away a head's usual output along with what it says of this text, and hand the layers
above a vector that no training showed them. Two other silences take away only the second: the
mean of what the head writes at this place in sentences of the same skeleton, and what it writes
in one such sentence. What is lost under both was news of the text; what is lost under zeros alone
was not.

References: :cite:t:`michel2019` for zeros; :cite:t:`vig2020` and :cite:t:`meng2022` for values
from other texts.
"""

import random
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from lessons.interpretation.paired import Paired, compare_paired
from lessons.interpretation.patching import edit_sites, patch_sites, record_heads
from lessons.interpretation.sites import Change, Head
from lessons.models.grammar import Sentence, lexicon
from lessons.models.loading.loader import Loaded

Name = TypeVar("Name", bound=Hashable)
Outputs = Mapping[Head, Float[Tensor, "batch tokens d_head"]]
ENOUGH, MOST = 4, 12  # others of one skeleton; a mean of more would hardly be another


def skeleton(one: Sentence) -> str:
    """Return a sentence with its function words alone, and a dash for each other word.

    >>> skeleton(Sentence(("the", "cup", "breaks", "the", "vase"), "winograd"))
    'the - - the -'
    """
    kept = (word if word in lexicon.FUNCTION_WORDS else "-" for word in one.tokens)
    return " ".join(kept)


def alike(
    sentences: Sequence[Sentence], draw: Callable[[random.Random], Sentence], *, seed: int = 0
) -> list[list[Sentence]]:
    """Return, for each sentence, others of the same skeleton, up to twelve.

    Args:
        sentences: Each gets some that are not itself.
        draw: Draws a sentence of their kind.
        seed: Decides which.

    Raises:
        ValueError: In 30,000 draws a sentence found no other.

    >>> one, other = (Sentence(("the", noun, "sleeps"), "plain") for noun in ("cat", "dog"))
    >>> alike([one], lambda rng: rng.choice([one, other]))[0][0].text
    'the dog sleeps'
    """
    found: dict[str, dict[Sentence, None]] = {skeleton(one): {} for one in sentences}
    rng, missing = random.Random(f"alike/{seed}"), set(found)
    for _ in range(30_000):
        drawn = draw(rng)
        same = found.get(key := skeleton(drawn))
        if same is not None and len(same) <= MOST:
            same.setdefault(drawn)
            missing -= {key} if len(same) > ENOUGH else set()
        if not missing:
            break
    others = [[other for other in found[skeleton(one)] if other != one][:MOST] for one in sentences]
    if not all(others):
        raise ValueError("a sentence found no other of its skeleton: pass sentences of one kind")
    return others


@torch.no_grad()
def silences(
    loaded: Loaded, sentences: Sequence[Sentence], others: Sequence[Sequence[Sentence]]
) -> dict[str, Outputs]:
    """Return what all heads write, sentence by sentence, when they are silent, in three ways.

    Args:
        loaded: The book's encoder or decoder.
        sentences: What it is going to read, as one padded batch.
        others: For each sentence, some of the same skeleton, from :func:`alike`.

    Returns:
        For "zeros", "means" and "another's" what :func:`silenced` puts in.

    >>> from lessons.models import load
    >>> one, other = (Sentence(("the", noun, "sleeps"), "plain") for noun in ("cat", "dog"))
    >>> kinds = silences(load("decoder", source="book"), [one], [[other]])
    >>> torch.equal(kinds["means"][2, 3], kinds["another's"][2, 3])  # there is one other
    True
    """
    read = loaded.tokenizer([one.text for one in sentences], padding=True, return_tensors="pt")
    drawn = list(dict.fromkeys(other for some in others for other in some))
    batch = loaded.tokenizer(
        [one.text for one in drawn], padding="max_length", max_length=read.input_ids.shape[1],
        return_tensors="pt",
    )  # fmt: skip
    with record_heads(loaded.model) as written:
        loaded.model(**batch)
    row = {one: at for at, one in enumerate(drawn)}
    rows = [[row[other] for other in some] for some in others]
    means = {
        head: torch.stack([values[some].mean(dim=0) for some in rows])
        for head, values in written.items()
    }
    return {
        "zeros": {head: torch.zeros_like(values) for head, values in means.items()},
        "means": means,
        "another's": {head: values[[some[0] for some in rows]] for head, values in written.items()},
    }


@torch.no_grad()
def silences_alike(model: nn.Module, ids: Int[Tensor, "batch tokens"]) -> dict[str, Outputs]:
    """Return what all heads write when they are silent, where all texts are of one form.

    Then each text's others are all the rest: lists of random words, for instance.

    Args:
        model: As for :func:`~lessons.interpretation.patching.edit_sites`.
        ids: At least two texts of one length.

    Returns:
        What :func:`silences` returns.

    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=9)).eval()
    >>> kinds = silences_alike(model, torch.tensor([[1, 2, 3], [4, 5, 6]]))
    >>> torch.allclose(kinds["means"][0, 1], kinds["another's"][0, 1])  # there is one other
    True
    """
    with record_heads(model) as written:
        model(ids)
    rest = len(ids) - 1
    return {
        "zeros": {head: torch.zeros_like(values) for head, values in written.items()},
        "means": {head: (values.sum(0) - values) / rest for head, values in written.items()},
        "another's": {head: values.roll(1, dims=0) for head, values in written.items()},
    }


def silenced(
    model: nn.Module,
    outputs: Outputs,
    heads: Iterable[Head],
    *,
    places: Sequence[Sequence[int]] | None = None,
) -> AbstractContextManager[nn.Module]:
    """Let some heads write what one of :func:`silences` holds, in a `with` block.

    Args:
        model: What `outputs` were made with.
        outputs: One of :func:`silences`.
        heads: Which heads are silent.
        places: For each text, the tokens at which they are. None: all.
    """
    if places is None:
        return patch_sites(model, {head: outputs[head] for head in heads})
    return edit_sites(model, {head: _at(places, outputs[head]) for head in heads})


@torch.no_grad()
def losses(
    model: nn.Module,
    score: Callable[[], Shaped[Tensor, " batch"]],
    kinds: Mapping[str, Outputs],
    groups: Mapping[Name, Sequence[Head]],
) -> dict[Name, dict[str, Paired]]:
    """Return, for each group of heads and each silence, what becomes of the sentences.

    Args:
        model: What the heads belong to.
        score: Runs the model on the sentences of the silences; a score for each, larger is better.
        kinds: From :func:`silences`.
        groups: Heads that are silent together, under a name.
    """
    whole = score()
    found: dict[Name, dict[str, Paired]] = {}
    for name, heads in groups.items():
        found[name] = {}
        for kind, outputs in kinds.items():
            with silenced(model, outputs, heads):
                found[name][kind] = compare_paired(whole, score())
    return found


def _at(places: Sequence[Sequence[int]], silent: Tensor) -> Change:
    here = torch.zeros(silent.shape[:2], dtype=torch.bool)
    for row, some in zip(here, places, strict=True):
        row[list(some)] = True
    return lambda values: torch.where(here[..., None], silent, values)
