"""Writing by filling masks: in each pass some blanks are filled, later ones see earlier ones.

A model that sees both sides guesses all blanks at once, but each by itself. So a sampler keeps
only a few guesses of each pass, asks again, and so on until no blank is left.

References: :cite:t:`nie2025`, section 2.4; :cite:t:`chang2022` for filling the surest first.
"""

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

Order = Callable[[Tensor, torch.Generator], Tensor]


def surest_first(
    chances: Float[Tensor, "batch tokens"], generator: torch.Generator
) -> Float[Tensor, "batch tokens"]:
    """Rank blanks by the chance of what was drawn for them.

    Source: :cite:t:`chang2022`, section 3.2.

    >>> surest_first(torch.tensor([[0.2, 0.9]]), torch.Generator()).argmax().item()
    1
    """
    return chances


def in_any_order(
    chances: Float[Tensor, "batch tokens"], generator: torch.Generator
) -> Float[Tensor, "batch tokens"]:
    """Rank blanks at random.

    Source: :cite:t:`nie2025`, section 2.4.

    >>> in_any_order(torch.ones(1, 3), torch.Generator()).unique().numel()
    3
    """
    return torch.rand(chances.shape, generator=generator)


def without_looking(
    logits: Float[Tensor, "batch tokens vocab"],
) -> Callable[[Tensor], Float[Tensor, "batch tokens vocab"]]:
    """Return a guesser that stays with what it said before the first pass.

    >>> guess = without_looking(torch.ones(1, 2, 3))
    >>> guess(torch.tensor([[1, 2]])).equal(guess(torch.tensor([[0, 0]])))
    True
    """
    return lambda ids: logits


def fill_in_passes(
    guess: Callable[[Tensor], Tensor],
    ids: Int[Tensor, "batch tokens"],
    *,
    mask: int,
    passes: int,
    generator: torch.Generator,
    order: Order = surest_first,
    never: Sequence[int] = (),
) -> Int[Tensor, "batch tokens"]:
    """Fill all masks of some texts, in so many passes.

    Args:
        guess: From ids to a logit for each token at each place; an encoder.
        ids: The texts, in which masks stand.
        mask: The id that marks a blank.
        passes: Each fills an equal part of a text's blanks, rounded up.
        generator: Draws the tokens.
        order: From the chances of what was drawn to ranks: the highest are filled first.
        never: Ids that are not drawn, such as those of special tokens.

    Raises:
        ValueError: There is no pass.

    Source: :cite:t:`nie2025`, section 2.4.

    >>> blank = torch.full((1, 4), 9)
    >>> fill_in_passes(lambda ids: 99 * torch.eye(10)[None, :4], blank, mask=9, passes=2,
    ...                generator=torch.Generator())[0]
    tensor([0, 1, 2, 3])
    """
    if passes < 1:
        raise ValueError(f"{passes} passes: pass at least 1")
    for left in range(passes, 0, -1):
        blank = ids == mask
        logits = guess(ids).clone()
        logits[..., [mask, *never]] = -math.inf
        chances = logits.softmax(dim=-1)
        drawn = torch.multinomial(chances.flatten(0, -2), 1, generator=generator).view(ids.shape)
        chance = chances.gather(-1, drawn[..., None])[..., 0]
        rank = order(chance, generator).masked_fill(~blank, -math.inf)
        place = rank.argsort(dim=-1, descending=True).argsort(dim=-1)
        now = place < (blank.sum(dim=-1, keepdim=True) / left).ceil()
        ids = torch.where(blank & now, drawn, ids)
    return ids
