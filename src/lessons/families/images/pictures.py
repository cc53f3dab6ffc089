r"""Pictures that the book draws: a shape in a quarter of a small gray square.

Their truth is known: which shape, and where. So a model that reads pictures can be scored, and so
can one that draws them.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

SIDE = 16  # pixels
KINDS = ("circle", "square", "triangle", "cross")
PLACES = ("top left", "top right", "bottom left", "bottom right")
CENTERS = torch.tensor([[3.5, 3.5], [3.5, 11.5], [11.5, 3.5], [11.5, 11.5]])  # row, column


def shape_distances(
    down: Float[Tensor, "*grid"], right: Float[Tensor, "*grid"]
) -> Float[Tensor, "*grid 4"]:
    """Return how far outside of each kind of shape a point lies, in pixels; inside is negative.

    Args:
        down: How far below the shape's center the point lies.
        right: How far to the right of it.

    >>> shape_distances(torch.tensor(0.0), torch.tensor(3.5)).round(decimals=1)
    tensor([0.5000, 0.9000, 1.1000, 0.5000])
    """
    across, along = right.abs(), down.abs()
    circle = (down**2 + right**2).sqrt() - 3
    square = torch.maximum(across, along) - 2.6
    triangle = torch.maximum(0.87 * across - 0.5 * down - 1.9, down - 2.6)
    bars = torch.minimum(torch.maximum(across - 3, along - 1), torch.maximum(across - 1, along - 3))
    return torch.stack([circle, square, triangle, bars], dim=-1)


def draw_pictures(
    kinds: Int[Tensor, " batch"],
    places: Int[Tensor, " batch"],
    *,
    shift: float = 0.5,
    generator: torch.Generator,
) -> Float[Tensor, "batch 1 16 16"]:
    """Draw one picture for each kind and place; each shape is a little off its center.

    Args:
        kinds: Numbers of `KINDS`.
        places: Numbers of `PLACES`.
        shift: How far a shape may be off, in pixels, in both directions.
        generator: Decides how far it is.

    Raises:
        ValueError: A number names no kind or no place.

    >>> picture = draw_pictures(torch.tensor([0]), torch.tensor([3]),
    ...                         generator=torch.Generator().manual_seed(0))
    >>> picture[0, 0, :8].max().item(), picture[0, 0, 11, 11].item()
    (0.0, 1.0)
    """
    for numbers, names in ((kinds, KINDS), (places, PLACES)):
        if numbers.min() < 0 or numbers.max() >= len(names):
            raise ValueError(f"there are {len(names)} of {names}: pass numbers from 0")
    off = shift * (2 * torch.rand(len(kinds), 2, generator=generator) - 1)
    center = CENTERS[places] + off
    pixels = torch.arange(float(SIDE))
    down = (pixels[:, None] - center[:, :1, None]).expand(-1, SIDE, SIDE)
    right = (pixels[None, :] - center[:, 1:, None]).expand(-1, SIDE, SIDE)
    outside = shape_distances(down, right)
    chosen = outside[torch.arange(len(kinds)), ..., kinds]
    return (0.5 - chosen).clamp(0, 1)[:, None]


def draw_batch(
    generator: torch.Generator, *, size: int = 64
) -> tuple[Float[Tensor, "batch 1 16 16"], Int[Tensor, " batch"], Int[Tensor, " batch"]]:
    """Draw pictures of kinds and places chosen by chance; return them, kinds and places.

    >>> [part.shape[0] for part in draw_batch(torch.Generator().manual_seed(0), size=5)]
    [5, 5, 5]
    """
    kinds = torch.randint(len(KINDS), (size,), generator=generator)
    places = torch.randint(len(PLACES), (size,), generator=generator)
    return draw_pictures(kinds, places, generator=generator), kinds, places


def caption_numbers(
    kinds: Int[Tensor, " batch"], places: Int[Tensor, " batch"]
) -> Int[Tensor, " batch"]:
    """Return a number from 0 to 15 for each pair of kind and place.

    >>> caption_numbers(torch.tensor([0, 3]), torch.tensor([1, 3]))
    tensor([ 1, 15])
    """
    return len(PLACES) * kinds + places


def classify_loss(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Float[Tensor, ""]:
    """Return the cross-entropy, in nats, of a model that names each picture's kind and place.

    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(256, 16))
    >>> classify_loss(model, draw_batch(torch.Generator().manual_seed(0))).shape
    torch.Size([])
    """
    pictures, kinds, places = batch
    return nn.functional.cross_entropy(model(pictures), caption_numbers(kinds, places))


def places_of(pictures: Float[Tensor, "batch 1 16 16"]) -> Int[Tensor, " batch"]:
    """Return the place where most of each picture's ink is.

    >>> places = torch.arange(4)
    >>> pictures = draw_pictures(torch.zeros(4, dtype=torch.long), places,
    ...                          generator=torch.Generator().manual_seed(0))
    >>> torch.equal(places_of(pictures), places)
    True
    """
    half = SIDE // 2
    return nn.functional.avg_pool2d(pictures, half).flatten(1).argmax(dim=-1)
