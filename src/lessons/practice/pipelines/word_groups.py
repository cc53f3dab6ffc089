"""From labels of tokens to labeled pieces of text."""

from collections.abc import Sequence

from lessons.practice.pipelines.logistic_heads import Span


def group_words(
    text: str, spans: Sequence[Span], labels: Sequence[str], scores: Sequence[float]
) -> list[dict]:
    """Join tokens into groups, as `pipeline("ner", aggregation_strategy="simple")` does.

    A group begins at a token that is labeled `B-kind`, or `I-kind` where no group of this kind is
    open; `I-kind` continues it, and anything else ends it. Its score is the mean of its tokens'.

    Args:
        text: The text.
        spans: Where each token begins and ends in it; (0, 0) for tokens that the tokenizer adds.
        labels: The label of each token.
        scores: How sure the model is of each.

    Raises:
        ValueError: The three lists have different lengths.

    >>> spans, labels = [(0, 3), (4, 7), (8, 11)], ["B-PER", "I-PER", "O"]
    >>> group_words("Ann Lee ran", spans, labels, [1.0, 0.5, 1.0])
    [{'entity_group': 'PER', 'score': 0.75, 'word': 'Ann Lee', 'start': 0, 'end': 7}]
    """
    if not len(spans) == len(labels) == len(scores):
        lengths = f"{len(spans)} spans, {len(labels)} labels and {len(scores)} scores"
        raise ValueError(f"there are {lengths}: each token has one of each")
    groups: list[tuple[str, list[int]]] = []
    open_kind = None
    for at, ((begin, end), label) in enumerate(zip(spans, labels, strict=True)):
        if begin == end:
            continue
        kind = None if label == "O" else label[2:]
        if kind is not None and (kind != open_kind or label.startswith("B-")):
            groups.append((kind, []))
        if kind is not None:
            groups[-1][1].append(at)
        open_kind = kind
    return [
        {
            "entity_group": kind,
            "score": sum(scores[at] for at in tokens) / len(tokens),
            "word": text[spans[tokens[0]][0] : spans[tokens[-1]][1]],
            "start": spans[tokens[0]][0],
            "end": spans[tokens[-1]][1],
        }
        for kind, tokens in groups
    ]
