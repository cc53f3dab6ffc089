r"""Span corruption: T5 takes spans out of a text, and writes them down.

Each span leaves a sentinel of its own, `<extra_id_0>`, `<extra_id_1>` and so on. The target holds
the spans, each behind its sentinel, and a last sentinel ends it. So the target is short, and
nothing is lost: source and target together give the text back.

Reference: :cite:t:`raffel2020`, sections 3.1.4 and 3.3.4.
"""

import itertools
from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor


def sentinel(number: int) -> str:
    """Return the token that stands for the span of this number.

    >>> sentinel(0)
    '<extra_id_0>'
    """
    return f"<extra_id_{number}>"


def corrupt_spans(tokens: Sequence[str], hidden: Sequence[bool]) -> tuple[list[str], list[str]]:
    """Return the source that T5 reads and the target that it writes.

    Args:
        tokens: The text; it must not hold sentinels.
        hidden: True for each token that is taken out; neighbors form one span.

    Raises:
        ValueError: They are not equally long, or the text holds a sentinel.

    Source: :cite:t:`raffel2020`, section 3.1.4 and figure 2.

    >>> source, target = corrupt_spans("the cat sat down".split(), [False, True, True, False])
    >>> source, target
    (['the', '<extra_id_0>', 'down'], ['<extra_id_0>', 'cat', 'sat', '<extra_id_1>'])
    """
    if len(tokens) != len(hidden):
        raise ValueError(f"{len(tokens)} tokens, {len(hidden)} marks: pass one mark a token")
    if any(token.startswith("<extra_id_") for token in tokens):
        raise ValueError("the text holds a sentinel: pass a text without <extra_id_…>")
    source, target, spans, inside = [], [], 0, False
    for token, hide in zip(tokens, hidden, strict=True):
        if hide and not inside:
            source.append(sentinel(spans))
            target.append(sentinel(spans))
            spans += 1
        (target if hide else source).append(token)
        inside = hide
    return source, [*target, sentinel(spans)]


def restore(source: Sequence[str], target: Sequence[str]) -> list[str]:
    """Put the spans back: the inverse of :func:`corrupt_spans`.

    Args:
        source: A text with sentinels.
        target: The spans behind their sentinels; what follows the last one is ignored.

    Raises:
        ValueError: The target has no span for a sentinel of the source.

    >>> restore("the <extra_id_0> down".split(), "<extra_id_0> cat sat <extra_id_1>".split())
    ['the', 'cat', 'sat', 'down']
    """
    spans: dict[str, list[str]] = {}
    for token in target:
        if token.startswith("<extra_id_"):
            span = spans.setdefault(token, [])
        elif spans:
            span.append(token)
    text = []
    for token in source:
        if token.startswith("<extra_id_") and token not in spans:
            raise ValueError(f"the target has no span {token}: pass the target of this source")
        text += spans.get(token, [token])
    return text


def draw_spans(
    tokens: int, *, generator: torch.Generator, share: float = 0.15, mean: float = 3.0
) -> Bool[Tensor, " {tokens}"]:
    """Draw which tokens are hidden: a fixed share of them, in spans of a fixed mean length.

    How many tokens and how many spans is fixed, only their places are drawn. As in T5's own
    code, a text begins with a token that stays and ends with a span.

    Args:
        tokens: The length of the text, at least 2.
        generator: Where chance comes from.
        share: The share of the tokens that is hidden.
        mean: The mean length of a span, in tokens.

    Raises:
        ValueError: There are fewer than two tokens, the share is not between 0 and 1, or the mean
            is below 1.

    Source: :cite:t:`raffel2020`, section 3.3.4.

    >>> draw_spans(20, generator=torch.Generator().manual_seed(0)).sum()
    tensor(3)
    """
    if tokens < 2 or not 0 < share < 1 or mean < 1:
        raise ValueError(
            "pass at least 2 tokens, a share between 0 and 1, and a mean of at least 1"
        )
    hidden = min(max(round(tokens * share), 1), tokens - 1)
    spans = min(max(round(hidden / mean), 1), tokens - hidden)
    marks: list[bool] = []
    for stays, goes in zip(
        _parts(tokens - hidden, spans, generator), _parts(hidden, spans, generator), strict=True
    ):
        marks += [False] * stays + [True] * goes
    return torch.tensor(marks)


def _parts(total: int, count: int, generator: torch.Generator) -> list[int]:
    """Cut a number into `count` parts of at least one each, all ways equally probable."""
    cuts = torch.randperm(total - 1, generator=generator)[: count - 1].sort().values + 1
    ends = [0, *cuts.tolist(), total]
    return [right - left for left, right in itertools.pairwise(ends)]
