"""From labels of tokens to labeled pieces of text."""

from collections.abc import Sequence

from lessons.adaptation.named_entities.token_labels import entities_of_tags
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
    # What the tokenizer adds stands in no word, and parts none.
    real = [at for at, (begin, end) in enumerate(spans) if begin < end]
    groups = []
    for one in entities_of_tags([labels[at] for at in real]):
        tokens = real[one.start : one.end]
        begin, end = spans[tokens[0]][0], spans[tokens[-1]][1]
        group = {"entity_group": one.label, "score": sum(scores[at] for at in tokens) / len(tokens)}
        groups.append({**group, "word": text[begin:end], "start": begin, "end": end})
    return groups
