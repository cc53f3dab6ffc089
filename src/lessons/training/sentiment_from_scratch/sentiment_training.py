"""Train a classifier on labeled texts, keep its best weights, and say where it is right."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.fit import fit
from lessons.foundations import Watch
from lessons.tokens import Vocabulary
from lessons.training.sentiment_from_scratch.confusion import check_classes
from lessons.training.sentiment_from_scratch.review_file import Labeled
from lessons.training.sentiment_from_scratch.review_words import (
    Batch,
    batch_of,
    draw_batches,
    padded,
    vocabulary_of,
)

Cut = Callable[[str], list[str]]


class Trained(NamedTuple):
    """A classifier with all that it needs to read a raw text."""

    model: nn.Module
    vocabulary: Vocabulary
    cut: Cut
    losses: list[float]  # of each batch
    watch: Watch  # what was seen in validation on the way

    def answers(self, texts: Sequence[str]) -> Int[Tensor, " texts"]:
        """Return 1 for each text that it calls positive, and 0 for the others."""
        rows = [self.vocabulary.encode(self.cut(text)) for text in texts]
        with torch.no_grad():
            return self.model(padded(rows)).argmax(dim=1)

    def share_right(self, texts: Sequence[Labeled]) -> float:
        """Return how often the answer is the label."""
        right = self.answers([one.text for one in texts]) == labels_of(texts)
        return right.double().mean().item()


def labels_of(texts: Sequence[Labeled]) -> Int[Tensor, " texts"]:
    """Return the labels of some texts.

    >>> labels_of([Labeled("Good.", 1), Labeled("Bad.", 0)])
    tensor([1, 0])
    """
    return torch.tensor([one.positive for one in texts])


def label_loss(model: nn.Module, batch: Batch) -> Float[Tensor, ""]:
    """Return the mean cross-entropy of the labels, in nats.

    >>> from lessons.training.sentiment_from_scratch.sentiment_models import Bag
    >>> round(label_loss(Bag(9), batch_of([[5, 6]], [1])).item(), 4)  # ln 2
    0.6931
    """
    return nn.functional.cross_entropy(model(batch.ids), batch.labels)


def train_classifier(
    build: Callable[[int], nn.Module],
    learned: Sequence[Labeled],
    validation: Sequence[Labeled],
    *,
    cut: Cut,
    steps: int,
    learning_rate: float,
    size: int = 64,
    seed: int = 0,
) -> Trained:
    """Train a classifier, and return it with the weights that did best in validation.

    Args:
        build: From the size of the vocabulary to a model.
        learned: What it learns from; the vocabulary, too, is made of these alone.
        validation: What it is chosen by.
        cut: From a text to its tokens.
        steps: The number of batches.
        learning_rate: The highest.
        size: The texts in a batch.
        seed: Decides the batches, and what dropout takes.

    Raises:
        ValueError: There is no validation text, or a class without an example.

    >>> from lessons.training.sentiment_from_scratch.review_words import words_of
    >>> from lessons.training.sentiment_from_scratch.sentiment_models import Bag
    >>> texts = [Labeled("good", 1), Labeled("bad", 0)]
    >>> trained = train_classifier(Bag, texts * 9, texts, cut=words_of, steps=60, learning_rate=0.1)
    >>> trained.answers(["bad", "good", "good"]).tolist()
    [0, 1, 1]
    """
    for part in (learned, validation):
        check_classes([one.positive for one in part], classes=2)
    vocabulary = vocabulary_of([one.text for one in learned], cut=cut)
    rows, held_out = (
        [vocabulary.encode(cut(one.text)) for one in part] for part in (learned, validation)
    )
    model = build(len(vocabulary))
    watch = Watch(batch_of(held_out, labels_of(validation).tolist()), every=25, loss_of=label_loss)
    draw = draw_batches(rows, labels_of(learned).tolist(), size=size)
    torch.manual_seed(seed)
    losses = fit(model, draw, watch, steps=steps, learning_rate=learning_rate, seed=seed)
    model.load_state_dict(watch.best)
    return Trained(model, vocabulary, cut, losses, watch)
