"""What a mask may be, and what it says about padding."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def check_visible(visible: Tensor, shape: torch.Size) -> None:
    """Refuse a mask that is not boolean, or does not fit scores of this shape.

    Raises:
        ValueError: `visible` has another type, more axes, or longer ones, than the scores.

    >>> check_visible(torch.ones(2, 2, dtype=torch.bool), torch.Size([4, 2, 2]))
    """
    _check_boolean(visible)
    axes = zip(visible.shape[::-1], shape[::-1], strict=False)
    if visible.dim() > len(shape) or any(own not in (1, size) for own, size in axes):
        raise ValueError(
            f"visible has shape {tuple(visible.shape)}, the scores have {tuple(shape)}: "
            "pass a mask that broadcasts to the scores; one for heads needs scores with heads"
        )


def sees_any(visible: Bool[Tensor, "*mask keys"]) -> Bool[Tensor, "*mask 1"]:
    """Say which queries see a key at all, as `visible.any(dim=-1, keepdim=True)` does.

    The largest of a row of bytes is found several times faster than `any` of them.

    >>> sees_any(torch.tensor([[True, False], [False, False]])).tolist()
    [[True], [False]]
    """
    if visible.numel() == 0:  # where nothing has a largest
        return visible.any(dim=-1, keepdim=True)
    return visible.view(torch.uint8).amax(dim=-1, keepdim=True).bool()


def padding_before(visible: Tensor) -> Int[Tensor, "batch 1"]:
    """Count the tokens at the start of each text that nobody may see: padding on the left.

    A mask of fewer than four axes is the same for all texts, and so hides no padding.

    Raises:
        ValueError: `visible` is not boolean.

    >>> padding_before(torch.tensor([[False, False, True], [True, True, False]])[:, None, None])
    tensor([[2],
            [0]])
    """
    _check_boolean(visible)
    if visible.dim() < 4:
        return torch.zeros(1, 1, dtype=torch.long, device=visible.device)
    seen = visible.any(dim=2).any(dim=1)
    return (seen.cumsum(dim=-1) == 0).sum(dim=-1, keepdim=True)


def _check_boolean(visible: Tensor) -> None:
    if visible.dtype != torch.bool:
        raise ValueError(
            f"visible is of type {visible.dtype}: pass a boolean mask, True where a query may "
            "attend, such as attention_mask.bool()"
        )
