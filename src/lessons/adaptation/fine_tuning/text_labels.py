r"""An encoder and a head, fine-tuned to label a text by which of two nouns *it* means.

.. math:: L = -\ln \operatorname{softmax}(\text{head}(h_1, \dots, h_n))_y

Reference: :cite:t:`devlin2019`, section 4.1.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from lessons.adaptation.fine_tuning.features import Features, draw_features, head_loss
from lessons.adaptation.fine_tuning.ways import emptied
from lessons.families import EncoderOnly, FirstVectorHead, from_transformers
from lessons.fit import fit
from lessons.models import Loaded
from lessons.models.grammar import Sentence
from lessons.models.grammar.draws import draw_sentences
from lessons.training.sentiment_from_scratch.confusion import check_classes

KEPT_BACK = ("big", "small", "heavy", "fragile", "tired", "wide", "slow", "fast")


class LabelRows(NamedTuple):
    """Texts for an encoder, which of their tokens are real, and the label of each text."""

    ids: Int64[Tensor, "batch tokens"]
    visible: Bool[Tensor, "batch 1 1 tokens"]
    labels: Int64[Tensor, " batch"]


def it_sentences(split: str, count: int, *, kept_back: bool, seed: int = 0) -> list[Sentence]:
    """Draw sentences in which an adjective at the end decides which noun *it* means.

    Args:
        split: `train`, or `test` with other pairs of nouns.
        count: How many.
        kept_back: Whether the adjective is one of `KEPT_BACK`, or none of them.
        seed: Decides which.

    >>> one = it_sentences("test", 1, kept_back=True)[0]
    >>> one.tokens[-2] in KEPT_BACK
    True
    """

    def keep(one: Sentence) -> bool:  # which has no full stop yet
        return (one.tokens[-1] in KEPT_BACK) == kept_back

    return draw_sentences("winograd", split, count, seed, keep=keep)


def label_rows(encoder: Loaded, sentences: Sequence[Sentence]) -> LabelRows:
    """Return what the encoder reads, and 1 where *it* means the second noun.

    Raises:
        ValueError: There is no sentence.

    >>> from lessons.models import load
    >>> some = it_sentences("train", 3, kept_back=False)
    >>> len(label_rows(load("encoder", source="book"), some).labels)
    3
    """
    if not sentences:
        raise ValueError("there is no sentence: pass at least one")
    batch = encoder.tokenizer([one.text for one in sentences], return_tensors="pt", padding=True)
    second = [one.antecedents[0][1] != one.subjects[0][1] for one in sentences]
    visible = batch.attention_mask.bool()[:, None, None]
    return LabelRows(batch.input_ids, visible, torch.tensor(second).long())


def label_reader(encoder: Loaded, *, pretrained: bool = True, seed: int = 0) -> EncoderOnly:
    """Return a copy of the encoder with a new head of two answers on its first vector.

    Args:
        encoder: The book's encoder; it stays as it is.
        pretrained: False draws all matrices anew.
        seed: Where new weights come from.

    >>> from lessons.models import load
    >>> reader = label_reader(load("encoder", source="book"))
    >>> reader(torch.tensor([[1, 5, 6, 2]])).shape
    torch.Size([1, 2])
    """
    body = from_transformers(encoder.model)
    body = deepcopy(body) if pretrained else emptied(body, seed=seed)
    assert isinstance(body, EncoderOnly)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body.head = FirstVectorHead(encoder.model.config.dim, answers=2)
    return body


def _some_rows(generator: torch.Generator, rows: LabelRows, count: int) -> LabelRows:
    drawn = torch.randint(len(rows.labels), (count,), generator=generator)
    return LabelRows(*(part[drawn] for part in rows))


def draw_label_rows(rows: LabelRows, *, count: int) -> Callable[[torch.Generator], LabelRows]:
    """Return a function that draws some of these texts, with repetition; for `fit`.

    Raises:
        ValueError: A label has no text.

    >>> ids, visible = torch.ones(2, 3).long(), torch.ones(2, 1, 1, 3).bool()
    >>> two = LabelRows(ids, visible, torch.tensor([1, 0]))
    >>> draw_label_rows(two, count=5)(torch.Generator()).ids.shape
    torch.Size([5, 3])
    """
    check_classes(rows.labels.tolist(), classes=2)
    return partial(_some_rows, rows=rows, count=count)


def label_loss(model: nn.Module, rows: LabelRows) -> Float[Tensor, ""]:
    """Return the cross-entropy of a model's answers, in nats per text.

    >>> from lessons.families import small_bert
    >>> ids, visible = torch.ones(2, 3).long(), torch.ones(2, 1, 1, 3).bool()
    >>> rows = LabelRows(ids, visible, torch.tensor([0, 1]))
    >>> label_loss(small_bert(4, positions=3), rows).item() > 0.6
    True
    """
    return nn.functional.cross_entropy(model(rows.ids, visible=rows.visible), rows.labels)


@torch.no_grad()
def labels_right(model: nn.Module, rows: LabelRows) -> float:
    """Return the share of texts that a model labels right.

    >>> from lessons.families import small_bert
    >>> ids, visible = torch.ones(2, 3).long(), torch.ones(2, 1, 1, 3).bool()
    >>> rows = LabelRows(ids, visible, torch.tensor([0, 1]))
    >>> labels_right(small_bert(4, positions=3), rows)
    0.5
    """
    said = model(rows.ids, visible=rows.visible).argmax(dim=-1)
    return float((said == rows.labels).double().mean())


@torch.no_grad()
def vectors_for_a_label(
    model: EncoderOnly, rows: LabelRows, *, token: int | None = None
) -> Features:
    """Return one vector of each text, as the frozen encoder makes it, and the text's label.

    Args:
        model: The encoder; its head is left out.
        rows: The texts.
        token: The id of the token whose vector it is; None takes the first vector.

    Raises:
        ValueError: A text does not have the token.

    >>> from lessons.families import small_bert
    >>> ids, visible = torch.tensor([[1, 2, 3]]), torch.ones(1, 1, 1, 3).bool()
    >>> rows = LabelRows(ids, visible, torch.tensor([1]))
    >>> vectors_for_a_label(small_bert(4, positions=3), rows, token=3).states.shape
    torch.Size([1, 1, 32])
    """
    if token is not None and not bool((rows.ids == token).any(dim=1).all()):
        raise ValueError(f"a text lacks token {token}: pass the id of one that all texts have")
    stream = model.embed(rows.ids, segments=None)
    for layer in model.layers:
        stream = layer(stream, visible=rows.visible)
    places = (rows.ids == token).long().argmax(dim=1) if token is not None else rows.labels * 0
    return Features(stream[torch.arange(len(stream)), places][:, None], rows.labels[:, None])


class LabelHead(NamedTuple):
    """A linear head alone, on one vector of a frozen encoder."""

    encoder: EncoderOnly
    head: nn.Linear
    token: int | None

    @torch.no_grad()
    def labels_right(self, rows: LabelRows) -> float:
        """Return the share of texts that get the right label."""
        vectors = vectors_for_a_label(self.encoder, rows, token=self.token)
        said = self.head(vectors.states).argmax(dim=-1)
        return float((said == vectors.labels).double().mean())


def fit_label_head(
    encoder: EncoderOnly, rows: LabelRows, *, token: int | None = None, seed: int = 0
) -> LabelHead:
    """Train a linear head alone, in 300 batches of 16, on what the frozen encoder says once.

    Args:
        encoder: It stays as it is; its own head is left out.
        rows: The texts.
        token: The id of the token whose vector the head reads; None takes the first vector.
        seed: Decides the head's first weights, and the batches.

    Raises:
        ValueError: A text does not have the token, or a label has no text.

    >>> from lessons.families import small_bert
    >>> ids, visible = torch.tensor([[1, 2, 3], [3, 2, 1]]), torch.ones(2, 1, 1, 3).bool()
    >>> rows = LabelRows(ids, visible, torch.tensor([1, 0]))
    >>> fit_label_head(small_bert(4, positions=3), rows).labels_right(rows)
    1.0
    """
    check_classes(rows.labels.tolist(), classes=2)
    vectors = vectors_for_a_label(encoder, rows, token=token)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Linear(vectors.states.shape[-1], 2)
    draw = draw_features(vectors, rows=16)
    fit(head, draw, head_loss, steps=300, learning_rate=0.01, weight_decay=0.0, seed=seed)
    return LabelHead(encoder, head, token)


def right_by_list(known: Sequence[Sentence], asked: Sequence[Sentence]) -> float:
    """Return the share that a list is right about, of adjectives and what *it* mostly meant.

    Of an adjective that is not on the list it says what was the more frequent of all.

    >>> some = it_sentences("train", 4, kept_back=False)
    >>> right_by_list(some, some) >= 0.5
    True
    """

    def second(one: Sentence) -> bool:
        return one.antecedents[0][1] != one.subjects[0][1]

    def mostly(some: Sequence[Sentence]) -> bool:
        return 2 * sum(map(second, some)) > len(some)

    by_word: dict[str, list[Sentence]] = {one.tokens[-2]: [] for one in (*known, *asked)}
    for one in known:
        by_word[one.tokens[-2]].append(one)
    hits = [mostly(by_word[one.tokens[-2]] or known) == second(one) for one in asked]
    return sum(hits) / len(hits)
