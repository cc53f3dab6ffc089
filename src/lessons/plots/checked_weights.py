"""What all pictures of attention check of their weights, and how they tell them in words."""

from collections.abc import Collection, Sequence

from jaxtyping import Float
from torch import Tensor

LARGEST = 200_000  # weights; more make a page heavy and a browser slow


def check_tokens(
    weights: Float[Tensor, "_queries _keys"], queries: Sequence[str], keys: Sequence[str]
) -> None:
    """Refuse tokens that are not as many as the weights.

    Raises:
        ValueError: There is no token, or there are not as many as rows and columns.
    """
    if not queries or not keys:
        raise ValueError("there are no tokens: pass at least one query and one key")
    if weights.shape != (len(queries), len(keys)):
        raise ValueError(
            f"weights of shape {tuple(weights.shape)} do not fit {len(queries)} query tokens "
            f"and {len(keys)} key tokens: pass one token for each row and each column"
        )


def check_cells(cells: Collection[tuple[int, int]], queries: int, keys: int) -> None:
    """Refuse a cell that a map of this size does not have.

    Raises:
        ValueError: A cell is outside.
    """
    for query, key in cells:
        if not (0 <= query < queries and 0 <= key < keys):
            raise ValueError(
                f"there is no cell ({query}, {key}) in {queries} × {keys}: count both from 0"
            )


def check_head(
    weights: Float[Tensor, "layers heads queries keys"], layer: int, head: int = 0
) -> None:
    """Refuse a layer or a head that a model does not have.

    Raises:
        ValueError: There is no such head.
    """
    layers, heads = weights.shape[:2]
    if not (0 <= layer < layers and 0 <= head < heads):
        raise ValueError(
            f"there is no head {layer}.{head}: pass a layer from 0 to {layers - 1} and a head from "
            f"0 to {heads - 1}"
        )


def check_amount(weights: Float[Tensor, "layers heads queries keys"]) -> None:
    """Refuse more weights than a page can carry.

    Raises:
        ValueError: There are too many.
    """
    if weights.numel() > LARGEST:
        raise ValueError(
            f"{weights.numel():,} weights make a page too heavy ({LARGEST:,} at most): pass a "
            "shorter sentence, or some layers only, as weights[:2]"
        )


def check_reader(kind: str) -> None:
    """Refuse a model that no page can run.

    Raises:
        ValueError: There is no such model.
    """
    kinds = ("encoder", "decoder", "translator")
    if kind not in kinds:
        raise ValueError(f"no page can run {kind!r}: pass one of {', '.join(kinds)}")


def sharpest_and_evenest(weights: Float[Tensor, "layers heads queries keys"]) -> str:
    """Say which head looks most at one place, and which at all places alike.

    >>> import torch
    >>> sharpest_and_evenest(torch.stack([torch.eye(2), torch.full((2, 2), 0.5)])[None])[:27]
    'Sharpest is layer 0, head 0'
    """
    heads = weights.shape[1]
    peak = weights.detach().amax(dim=-1).mean(dim=-1)
    sharpest = divmod(int(peak.argmax()), heads)
    evenest = divmod(int(peak.argmin()), heads)
    return (
        f"Sharpest is layer {sharpest[0]}, head {sharpest[1]} (mean of each query's largest "
        f"weight {peak.max():.2f}); most even is layer {evenest[0]}, head {evenest[1]} "
        f"({peak.min():.2f})."
    )
