r"""Patches: a picture is cut into squares, and each square becomes a token.

Reference: :cite:t:`dosovitskiy2021`, section 3.1.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.positions import LearnedPositions


def cut_patches(
    pictures: Float[Tensor, "batch channels height width"], size: int
) -> Float[Tensor, "batch patches numbers"]:
    """Cut pictures into square patches, row by row, each flattened to channels × size × size.

    Args:
        pictures: Their height and width must be multiples of `size`.
        size: The side of a patch, in pixels.

    Raises:
        ValueError: `size` does not divide height and width.

    Source: :cite:t:`dosovitskiy2021`, section 3.1.

    >>> cut_patches(torch.arange(16.0).reshape(1, 1, 4, 4), 2)[0, 1]
    tensor([2., 3., 6., 7.])
    """
    height, width = pictures.shape[-2:]
    if size < 1 or height % size or width % size:
        raise ValueError(
            f"pictures of {height} × {width} pixels cannot be cut into patches of {size} × {size}: "
            "pass a size that divides both"
        )
    return nn.functional.unfold(pictures, size, stride=size).mT


def join_patches(
    patches: Float[Tensor, "batch patches numbers"], size: int, *, columns: int
) -> Float[Tensor, "batch channels height width"]:
    """Put patches together again: the inverse of :func:`cut_patches`.

    Args:
        patches: As many as rows × columns.
        size: The side of a patch, in pixels.
        columns: How many patches make a row.

    Raises:
        ValueError: The patches do not fill whole rows.

    >>> pictures = torch.rand(2, 3, 4, 6)
    >>> torch.equal(join_patches(cut_patches(pictures, 2), 2, columns=3), pictures)
    True
    """
    if patches.shape[1] % columns:
        raise ValueError(
            f"{patches.shape[1]} patches do not fill rows of {columns}: pass another `columns`"
        )
    pixels = (patches.shape[1] // columns * size, columns * size)
    return nn.functional.fold(patches.mT, pixels, size, stride=size)


class PatchEmbedding(nn.Module):
    """From a picture to vectors: a class token, then one vector for each patch.

    Args:
        size: The side of a patch, in pixels.
        channels: 3 for color, 1 for gray.
        patches: How many patches a picture has.
        d_model: The numbers in each vector.

    Source: :cite:t:`dosovitskiy2021`, equation 1.

    >>> PatchEmbedding(4, channels=1, patches=16, d_model=8)(torch.rand(2, 1, 16, 16)).shape
    torch.Size([2, 17, 8])
    """

    def __init__(self, size: int, *, channels: int, patches: int, d_model: int):
        super().__init__()
        self.size = size
        self.to_vector = nn.Linear(channels * size * size, d_model)
        self.first = nn.Embedding(1, d_model)
        self.positions = LearnedPositions(patches + 1, d_model)

    def forward(
        self, pictures: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Return the vectors that the first layer reads."""
        vectors = self.to_vector(cut_patches(pictures, self.size))
        first = self.first.weight.expand(len(vectors), 1, -1)
        return self.positions(torch.cat([first, vectors], dim=1))
