r"""Speculative decoding: draft a token, and check it in the pass that is needed anyway.

A pass over a text says what follows each of its tokens. So a text with a drafted token at its end
is asked twice in one pass: what follows the text, and, if the draft was right, what follows the
draft. The text that comes out is the one without drafts, whoever drafts.

References: :cite:t:`leviathan2023`; :cite:t:`deepseekv3`, section 5.4.3.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor, nn

from lessons.alignment.deepseek.next_but_one import Foresighted
from lessons.families import DecoderOnly

# From a text, and the vectors of the pass that read it up to its last token, to the next token.
Drafter = Callable[[Tensor, Tensor], Tensor]


class Drafted(NamedTuple):
    """The new tokens, the passes of the decoder, and how many drafts there were and were kept."""

    new: Int[Tensor, "texts new"]
    passes: int
    drafts: int
    kept: int


@torch.no_grad()
def write_with_drafts(
    model: DecoderOnly, draft: Drafter, prompt: Int[Tensor, "1 tokens"], *, max_new_tokens: int
) -> Drafted:
    """Continue a text as greedy decoding does, with a draft of the token after the next.

    Args:
        model: The decoder.
        draft: Given the text with the next token, and the decoder's vectors up to it, what may
            come after.
        prompt: The text to continue.
        max_new_tokens: How many new tokens.

    Raises:
        ValueError: There is nothing to continue or to write.

    Source: :cite:t:`leviathan2023`, algorithm 1, for greedy decoding and one draft.

    >>> from lessons.families import small_decoder
    >>> model = small_decoder(9, positions=16, d_model=16)
    >>> always_3 = lambda text, stream: torch.tensor(3)
    >>> written = write_with_drafts(model, always_3, torch.tensor([[1, 2]]), max_new_tokens=5)
    >>> written.new.shape, written.passes + written.kept >= 5
    (torch.Size([1, 5]), True)
    """
    if prompt.numel() == 0 or max_new_tokens < 1:
        raise ValueError("pass a prompt of at least one token, and at least one new token to write")
    length, passes, drafts, kept = prompt.shape[-1] + max_new_tokens, 0, 0, 0
    text, guess = prompt, None
    while text.shape[-1] < length:
        read = text if guess is None else torch.cat([text, guess.view(1, 1)], dim=-1)
        stream = model.stream(read)
        said = model.unembed(model.norm(stream)).argmax(dim=-1)[0]
        passes += 1
        last = text.shape[-1] - 1
        if guess is not None:
            drafts += 1
            if said[last] == guess:  # the draft is what the decoder would have written
                text, last, kept = read, last + 1, kept + 1
        if text.shape[-1] < length:
            text = torch.cat([text, said[last].view(1, 1)], dim=-1)
        if text.shape[-1] < length:
            guess = draft(text, stream[:, : last + 1])
    return Drafted(text[:, prompt.shape[-1] :], passes, drafts, kept)


def write_all(
    model: DecoderOnly, draft: Drafter, prompts: Int[Tensor, "batch tokens"], *, max_new_tokens: int
) -> Drafted:
    """Continue several texts, one after the other, and count over all of them.

    The arguments are those of :func:`write_with_drafts`.

    >>> from lessons.families import small_decoder
    >>> model = small_decoder(9, positions=16, d_model=16)
    >>> always_3 = lambda text, stream: torch.tensor(3)
    >>> write_all(model, always_3, torch.tensor([[1, 2], [3, 4]]), max_new_tokens=5).new.shape
    torch.Size([2, 5])
    """
    each = [write_with_drafts(model, draft, one[None], max_new_tokens=max_new_tokens)
            for one in prompts]  # fmt: skip
    new, *counts = zip(*each, strict=True)
    return Drafted(torch.cat(new), *map(sum, counts))


def drafts_by_module(both: Foresighted) -> Drafter:
    """Return a drafter that asks the module trained with a decoder.

    >>> from lessons.alignment import NextButOne
    >>> from lessons.families import small_decoder
    >>> both = Foresighted(small_decoder(9, positions=8, d_model=16), NextButOne(16, heads=2))
    >>> text = torch.tensor([[1, 2, 3]])
    >>> drafts_by_module(both)(text, both.model.stream(text[:, :-1])).shape
    torch.Size([])
    """

    def draft(text: Tensor, stream: Tensor) -> Tensor:
        # The module leaves the last vector out: none stands there yet.
        return both.module(both.model, nn.functional.pad(stream, (0, 0, 0, 1)), text)[
            0, -1
        ].argmax()

    return draft


def drafts_by_count(text: Int[Tensor, " tokens"], words: int) -> Drafter:
    """Return a drafter that says what most often followed the last words.

    Where it never saw them it looks at fewer.

    Args:
        text: A text to count in: what the decoder learned from or what it wrote itself, which was
            mostly the better rule where it was tried.
        words: How many words it looks at.

    >>> follows = drafts_by_count(torch.tensor([1, 2, 3, 1, 2, 4, 1, 2, 4]), 2)
    >>> follows(torch.tensor([[7, 1, 2]]), torch.zeros(1, 2, 1))
    tensor(4)
    """
    tokens = text.tolist()
    counts: dict[tuple[int, ...], Counter[int]] = {}
    for seen in range(words + 1):
        for end in range(seen, len(tokens)):
            counts.setdefault(tuple(tokens[end - seen : end]), Counter())[tokens[end]] += 1

    def draft(text: Tensor, stream: Tensor) -> Tensor:
        row = text[0].tolist()
        known = (tuple(row[len(row) - seen :]) for seen in range(min(words, len(row)), -1, -1))
        found = next(counts[one] for one in known if one in counts)
        return torch.tensor(found.most_common(1)[0][0])

    return draft
