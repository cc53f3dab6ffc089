"""Read off a model what its heads attend to and which words it prefers, sentence by sentence."""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models.grammar import Sentence, Translation, agreement
from lessons.models.judging.links import Links, link_hits, link_mass, shifted
from lessons.models.loading.loader import Loaded

Heads = Float[Tensor, "batch layers heads"]


def _batches(items: Sequence, size: int = 250) -> Iterator[Sequence]:
    """Cut a sequence into batches."""
    return (items[at : at + size] for at in range(0, len(items), size))


def best_head(values: Heads) -> tuple[int, int]:
    """Return the layer and head of the highest mean.

    >>> best_head(torch.eye(3).expand(5, 3, 3)[:, :, 1:2])
    (1, 0)
    """
    means = values.mean(0)
    return divmod(int(means.argmax()), means.shape[1])


@torch.no_grad()
def self_attention(
    loaded: Loaded, sentences: Sequence[Sentence]
) -> Iterator[Float[Tensor, "layers heads queries keys"]]:
    """Return the weights of all the encoder's heads, one sentence after the other.

    Positions are the tokenizer's: [CLS] comes first, so a word stands one further than in the
    sentence. All sentences are padded to the longest.
    """
    width = max(len(one.tokens) for one in sentences) + 2
    for some in _batches(sentences):
        batch = loaded.tokenizer([one.text for one in some], padding="max_length",
                                 max_length=width, return_tensors="pt")  # fmt: skip
        layers = loaded.model(**batch, output_attentions=True).attentions
        yield from torch.stack(layers, dim=1)


def _last_pronoun(one: Sentence) -> list[tuple[int, int]]:
    """Link the last pronoun to its antecedent, past the [CLS]."""
    return shifted(one.antecedents[-1:], queries=1, keys=1)


def antecedent_hits(loaded: Loaded, sentences: Sequence[Sentence]) -> Heads:
    """Return 1 where a head's highest weight from the last pronoun is on its antecedent, else 0."""
    tables = zip(self_attention(loaded, sentences), sentences, strict=True)
    return torch.stack(
        [link_hits(table, _last_pronoun(one))[..., 0] for table, one in tables]
    ).float()


def antecedent_masses(loaded: Loaded, sentences: Sequence[Sentence]) -> Heads:
    """Return the weight that each head gives from the last pronoun to its antecedent."""
    tables = zip(self_attention(loaded, sentences), sentences, strict=True)
    return torch.stack([link_mass(table, _last_pronoun(one))[..., 0] for table, one in tables])


@torch.no_grad()
def agreement_hits(loaded: Loaded, sentences: Sequence[Sentence]) -> list[bool]:
    """Say where the model finds the main verb's right form likelier than the wrong one."""
    ids = loaded.tokenizer.get_vocab()
    hits = []
    for some in _batches(sentences):
        batch = loaded.tokenizer([one.text for one in some], padding=True, return_tensors="pt")
        logits = loaded.model(**batch).logits
        for row, one in zip(logits, some, strict=True):
            verb = one.subjects[-1][0]
            right = one.tokens[verb]
            hits.append(
                bool(row[verb - 1, ids[right]] > row[verb - 1, ids[agreement.other_form(right)]])
            )
    return hits


@torch.no_grad()
def induction_masses(loaded: Loaded, sentences: Sequence[Sentence]) -> Heads:
    """Return each head's mean weight from a repeated word to the word after its first occurrence.

    Source: :cite:t:`olsson2022`.
    """
    rows = []
    for one in sentences:
        batch = loaded.tokenizer(one.text, return_tensors="pt")
        weights = torch.cat(loaded.model(**batch, output_attentions=True).attentions)
        rows.append(link_mass(weights, shifted(one.repeats[:-1], keys=1)).mean(-1))
    return torch.stack(rows)


@torch.no_grad()
def translate(loaded: Loaded, texts: Sequence[str], *, longest: int = 40) -> list[str]:
    """Translate texts greedily, up to `longest` tokens each."""
    results = []
    for some in _batches(texts):
        batch = loaded.tokenizer(list(some), padding=True, return_tensors="pt")
        ids = loaded.model.generate(**batch, max_new_tokens=longest, do_sample=False, num_beams=1)  # type: ignore[operator]  # torch's __getattr__ hides transformers' mixin
        results += loaded.tokenizer.batch_decode(ids, skip_special_tokens=True)
    return results


@torch.no_grad()
def cross_attention(
    loaded: Loaded, sentences: Sequence[Translation]
) -> list[Float[Tensor, "_queries _keys"]]:
    """Return, for each true translation, the mean weights of the last layer's heads.

    Row `t` belongs to the step that predicts target word `t`; the columns are the source words
    and, last, the end token.
    """
    results = []
    for one in sentences:
        source = loaded.tokenizer(one.source.text, return_tensors="pt")
        target = loaded.tokenizer(one.text, return_tensors="pt").input_ids
        output = loaded.model(**source, labels=target, output_attentions=True)
        results.append(output.cross_attentions[-1][0].mean(0))
    return results


def aligned(
    weights: Sequence[Float[Tensor, "_queries _keys"]], links: Sequence[Links]
) -> Float[Tensor, " batch"]:
    """Return, for each sentence with links, the share whose highest weight is on the right word."""
    shares = []
    for table, wanted in zip(weights, links, strict=True):
        if wanted:
            shares.append(link_hits(table[None, None], wanted).sum().item() / len(wanted))
    return torch.tensor(shares)
