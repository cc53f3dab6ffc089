"""How often a pipeline is right, where the truth is known."""

from collections.abc import Callable, Sequence

from lessons.practice.pipelines.logistic_heads import Span


def labels_right(
    pipe: Callable[..., list], texts: Sequence[str], names: Sequence[str]
) -> list[bool]:
    """Say of each text whether a text-classification pipeline gives it its name.

    Raises:
        ValueError: There are not as many names as texts.

    >>> said = [{"label": "good"}, {"label": "bad"}]
    >>> labels_right(lambda texts, batch_size: said, ["great", "fine"], ["good", "good"])
    [True, False]
    """
    if len(texts) != len(names):
        raise ValueError(f"there are {len(texts)} texts and {len(names)} names: pass one for each")
    answers = pipe(list(texts), batch_size=32)
    return [answer["label"] == name for answer, name in zip(answers, names, strict=True)]


def spans_found(
    pipe: Callable[..., list], texts: Sequence[str], spans: Sequence[Sequence[Span]]
) -> tuple[dict[str, bool], int]:
    """Say of each true span whether a grouping token-classification pipeline finds it exactly.

    Returns:
        By the span's words whether it was found in all of its texts, and how many groups the
        pipeline gave that are no true span.

    Raises:
        ValueError: There are not as many lists of spans as texts.

    >>> said = [[{"start": 0, "end": 3}, {"start": 4, "end": 5}]]
    >>> spans_found(lambda texts, batch_size: said, ["Ann Lee met Bo"], [[(0, 7), (0, 3)]])
    ({'Ann Lee': False, 'Ann': True}, 1)
    """
    if len(texts) != len(spans):
        raise ValueError(
            f"there are {len(texts)} texts and spans of {len(spans)}: pass both of each"
        )
    found: dict[str, bool] = {}
    wrong = 0
    for text, true, groups in zip(texts, spans, pipe(list(texts), batch_size=32), strict=True):
        given = {(group["start"], group["end"]) for group in groups}
        wrong += len(given - set(true))
        for begin, end in true:
            name = text[begin:end]
            found[name] = found.get(name, True) and (begin, end) in given
    return found, wrong
