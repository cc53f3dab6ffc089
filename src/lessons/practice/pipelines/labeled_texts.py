"""Plain English whose labels are certain, to learn from and to be judged by."""

import re
from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from lessons.models.open_english.item_sets import english_items
from lessons.practice.pipelines.logistic_heads import Span
from lessons.recurrence.rnn_limits.movies import WORDS, draw_reviews

FAMILIES = {
    "validation": ("Baker", "Novak", "Johnson", "Kowalski", "Young", "Haddad", "Fischer", "Li"),
    "test": ("Okafor", "Miller", "Svensson", "Price", "Yamamoto", "Brown", "Delacroix", "Kaya"),
}


def movie_texts(count: int, *, seed: int) -> tuple[list[str], Int[Tensor, " texts"]]:
    """Return different sentences of the movie language, and whether each is positive.

    Args:
        count: How many are drawn; of equal ones the first is kept.
        seed: Decides the draw.

    >>> texts, positive = movie_texts(50, seed=0)
    >>> texts[0], positive[0].item()
    ('the ending is funny .', 1)
    """
    drawn = draw_reviews(torch.Generator().manual_seed(seed), batch=count)
    labels: dict[str, int] = {}
    for ids, positive, counted in zip(*drawn, strict=True):
        text = " ".join(WORDS[token] for token in ids[counted].tolist())
        labels.setdefault(text, int(positive))
    return list(labels), torch.tensor(list(labels.values()))


def negation_edits(
    texts: Sequence[str], positive: Sequence[int]
) -> dict[str, tuple[list[str], list[int]]]:
    """Return sentences of one clause as they are and with *not* taken out or put in.

    Taking it out and putting it in turns the truth around; a *really* in the same place does not
    turn that of the sentence without it.

    Args:
        texts: Of the movie language; those with *but*, or with *not* twice, are left out.
        positive: The truth of each.

    >>> for name, (some, truth) in negation_edits(["the plot is not dull ."], [1]).items():
    ...     print(name, some, truth)
    without not [] []
    not put in [] []
    with not ['the plot is not dull .'] [1]
    not taken out ['the plot is dull .'] [0]
    really in its place ['the plot is really dull .'] [0]
    """
    simple = [(text, int(truth)) for text, truth in zip(texts, positive, strict=True)]
    simple = [one for one in simple if " but " not in one[0] and one[0].count(" not ") < 2]
    plain = [(text, truth) for text, truth in simple if " not " not in text]
    negated = [(text, truth) for text, truth in simple if " not " in text]
    edits = {
        "without not": plain,
        "not put in": [(re.sub(r" (is|was) ", r" \1 not ", s), 1 - y) for s, y in plain],
        "with not": negated,
        "not taken out": [(s.replace(" not ", " "), 1 - y) for s, y in negated],
        "really in its place": [(s.replace(" not ", " really "), 1 - y) for s, y in negated],
    }
    return {name: ([s for s, _ in some], [y for _, y in some]) for name, some in edits.items()}


def named_texts(
    split: str, count: int = 300, *, families: Sequence[str] = ()
) -> tuple[list[str], list[list[Span]]]:
    """Return sentences about two people, and where their names stand, in characters.

    Every second time the first of the two has a family name, too.

    Args:
        split: `validation` for heads to learn from, `test` for other names in other frames.
        count: The least number of sentences.
        families: The family names, in turn; if there are none, those of the split.

    >>> texts, spans = named_texts("test", count=2)
    >>> [[text[begin:end] for begin, end in found] for text, found in zip(texts, spans)]
    [['Helen Okafor', 'Paul'], ['Helen', 'Paul'], ['Paul Miller', 'Helen'], ['Paul', 'Helen']]
    """
    families = families or FAMILIES[split]
    texts, spans = [], []
    for turn, item in enumerate(english_items("gendered names", split=split, count=count)):
        [first, second] = sorted(item.options)
        added = "" if turn % 2 else " " + families[turn // 2 % len(families)]
        texts.append(item.text[: first[1]] + added + item.text[first[1] :])
        more = len(added)
        spans.append([(first[0], first[1] + more), (second[0] + more, second[1] + more)])
    return texts, spans
