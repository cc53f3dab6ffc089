"""A small task for chapters that train: read digits, then write them in order."""

import torch
from jaxtyping import Int
from torch import Tensor

SORTED_FROM = 10  # the token between the digits and their sorted copy


def sorting_rows(
    generator: torch.Generator, *, rows: int, digits: int = 6
) -> Int[Tensor, "{rows} tokens"]:
    """Draw random digits, a separator (the token 10), and the same digits in order.

    >>> sorting_rows(torch.Generator().manual_seed(0), rows=1, digits=3)
    tensor([[ 4,  9,  3, 10,  3,  4,  9]])
    """
    drawn = torch.randint(10, (rows, digits), generator=generator)
    between = torch.full((rows, 1), SORTED_FROM)
    return torch.cat([drawn, between, drawn.sort(dim=-1).values], dim=-1)
