r"""Denoising: BART spoils a text in five ways, and learns to write the whole of it again.

T5's target holds the missing pieces only; BART's is the whole text, whatever was done to it.

Reference: :cite:t:`lewis2020`, section 2.2.
"""

from collections.abc import Sequence

import torch

MASK = "<mask>"


def mask_some(
    tokens: Sequence[str], *, generator: torch.Generator, share: float = 0.15
) -> list[str]:
    """Replace tokens by <mask>, each by itself, as BERT does.

    >>> mask_some("a b c d".split(), share=0.5, generator=torch.Generator().manual_seed(0))
    ['<mask>', 'b', '<mask>', '<mask>']
    """
    goes = _drawn(len(tokens), share, generator)
    return [MASK if hide else token for token, hide in zip(tokens, goes, strict=True)]


def delete_some(
    tokens: Sequence[str], *, generator: torch.Generator, share: float = 0.15
) -> list[str]:
    """Delete tokens and leave no trace: the model must find where something is missing.

    >>> delete_some("a b c d".split(), share=0.5, generator=torch.Generator().manual_seed(0))
    ['b']
    """
    goes = _drawn(len(tokens), share, generator)
    return [token for token, hide in zip(tokens, goes, strict=True) if not hide]


def infill(tokens: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    """Replace each span by one <mask>, however long it is; an empty span inserts one.

    Args:
        tokens: The text.
        spans: Begin and end (excluded) of each, from left to right, at least one token apart.

    Raises:
        ValueError: Spans overlap, touch, are in the wrong order, or leave the text.

    Source: :cite:t:`lewis2020`, section 2.2, "Text Infilling".

    >>> infill("a b c d e".split(), [(1, 3), (4, 4)])
    ['a', '<mask>', 'd', '<mask>', 'e']
    """
    spoiled, at = [], 0
    for number, (begin, end) in enumerate(spans):
        if not at + (number > 0) <= begin <= end <= len(tokens):
            raise ValueError(
                f"the span ({begin}, {end}) leaves the text or meets another: pass spans from left "
                "to right, with a token between them"
            )
        spoiled += [*tokens[at:begin], MASK]
        at = end
    return [*spoiled, *tokens[at:]]


def draw_infilling(
    tokens: int, *, generator: torch.Generator, share: float = 0.3, mean: float = 3.0
) -> list[tuple[int, int]]:
    """Draw spans of Poisson-distributed lengths, until the share of the tokens is reached.

    Args:
        tokens: The length of the text.
        generator: Where chance comes from.
        share: The share of the tokens that spans cover; the last span is cut to fit.
        mean: The mean length of a span; lengths of 0 occur.

    Raises:
        ValueError: The text is empty, or the share or the mean is out of range.

    Source: :cite:t:`lewis2020`, section 2.2 (Poisson, mean 3), and section 5.1 (30 %).

    >>> spans = draw_infilling(100, generator=torch.Generator().manual_seed(0))
    >>> sum(end - begin for begin, end in spans)
    30
    """
    if tokens < 1 or not 0 < share <= 0.5 or mean <= 0:
        raise ValueError("pass at least 1 token, a share of at most one half, a positive mean")
    left, lengths = round(share * tokens), []
    while left > 0:
        drawn = int(torch.poisson(torch.tensor(mean), generator=generator))
        lengths.append(min(drawn, left))
        left -= lengths[-1]
    # Spans are set among the tokens that stay, at different places: so one lies between any two.
    stay = tokens - sum(lengths)
    while len(lengths) > stay + 1:
        lengths.remove(0)
    places = torch.randperm(stay + 1, generator=generator)[: len(lengths)].sort().values.tolist()
    spans, shift = [], 0
    for place, length in zip(places, lengths, strict=True):
        spans.append((place + shift, place + shift + length))
        shift += length
    return spans


def permute_sentences(sentences: Sequence[str], *, generator: torch.Generator) -> list[str]:
    """Shuffle the sentences of a text.

    >>> sorted(permute_sentences(["A.", "B.", "C."], generator=torch.Generator().manual_seed(0)))
    ['A.', 'B.', 'C.']
    """
    order = torch.randperm(len(sentences), generator=generator)
    return [sentences[place] for place in order.tolist()]


def rotate(tokens: Sequence[str], start: int) -> list[str]:
    """Let the text begin with another of its tokens: the model must find the true beginning.

    >>> rotate("a b c d".split(), 2)
    ['c', 'd', 'a', 'b']
    """
    if not 0 <= start < len(tokens):
        raise ValueError(f"start is {start}: pass the place of one of the {len(tokens)} tokens")
    return [*tokens[start:], *tokens[:start]]


def _drawn(tokens: int, share: float, generator: torch.Generator) -> list[bool]:
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}: pass a number from 0 to 1")
    return (torch.rand(tokens, generator=generator) < share).tolist()
