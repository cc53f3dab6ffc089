"""The movie language of an earlier topic as labeled texts, whole or broken off on the way.

Its sentences end with a full stop, and how likely praise is after each of their words is known:
:func:`lessons.recurrence.rnn_limits.movies.truth`.
"""

import random
from collections.abc import Sequence

import torch

from lessons.recurrence.rnn_limits.movies import WORDS, draw_reviews
from lessons.training.sentiment_from_scratch.review_file import Labeled
from lessons.training.sentiment_from_scratch.review_words import padded
from lessons.training.sentiment_from_scratch.sentiment_training import Trained


def movie_texts(count: int, *, seed: int) -> list[Labeled]:
    """Draw sentences of the movie language.

    Args:
        count: How many.
        seed: Decides them.

    Raises:
        ValueError: There is no sentence to draw.

    >>> movie_texts(2, seed=0)[0]
    Labeled(text='the ending is funny .', positive=1)
    """
    if count < 1:
        raise ValueError(f"{count} sentences: pass at least 1")
    drawn = draw_reviews(torch.Generator().manual_seed(seed), batch=count)
    return [
        Labeled(" ".join(WORDS[one] for one, real in zip(ids, counted, strict=True) if real), label)
        for ids, counted, label in zip(
            drawn.ids.tolist(), drawn.counted.tolist(), drawn.positive.tolist(), strict=True
        )
    ]


def broken_off(texts: Sequence[Labeled], *, seed: int) -> list[Labeled]:
    """Break each text off at a place that is drawn by chance; its label stays.

    The place is drawn among all that the longest text has, and a shorter text stays whole. Drawn
    within each text's own length, it would tell what follows: short texts would be broken off
    after a certain word more often than long ones.

    Args:
        texts: Whole texts, their words parted by spaces.
        seed: Decides where.

    >>> broken_off([Labeled("the plot was dull .", 0)] * 2, seed=1)
    [Labeled(text='the plot', positive=0), Labeled(text='the plot was dull .', positive=0)]
    """
    chance = random.Random(seed)
    longest = max((len(one.text.split()) for one in texts), default=1)
    places = [chance.randint(1, longest) for _ in texts]
    return [
        one._replace(text=" ".join(one.text.split()[:place]))
        for one, place in zip(texts, places, strict=True)
    ]


@torch.no_grad()
def praise_by_word(trained: Trained, text: str) -> list[float]:
    """Return how likely praise is, for a classifier, after each word of a text.

    It gets the first word, then the first two, and so on, each time as if there were no more.

    Args:
        trained: The classifier, with its vocabulary and its way to cut.
        text: A text of one word at least.

    Raises:
        ValueError: The text has no word.

    >>> from lessons.training import Bag, train_classifier, words_of
    >>> texts = [Labeled("good", 1), Labeled("bad", 0)]
    >>> trained = train_classifier(Bag, texts * 9, texts, cut=words_of, steps=60, learning_rate=0.1)
    >>> [round(chance) for chance in praise_by_word(trained, "good good")]
    [1, 1]
    """
    words = text.split()
    if not words:
        raise ValueError("the text has no word: pass at least one")
    rows = [
        trained.vocabulary.encode(trained.cut(" ".join(words[: at + 1])))
        for at in range(len(words))
    ]
    return trained.model(padded(rows)).softmax(dim=1)[:, 1].tolist()
