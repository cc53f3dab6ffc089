r"""How much a real text surprises a decoder, place by place.

:cite:t:`press2022` read the perplexity of the last places of a longer and longer text.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.tensors import widened

AT_ONCE = 128  # places whose logits are held at once: a real vocabulary is large


@torch.inference_mode()
def place_losses(
    model: nn.Module, ids: Int[Tensor, "batch tokens"], *, first: int = 1
) -> Float[Tensor, "batch asked"]:
    r"""Return each token's surprise, in nats, from place `first` on.

    .. math:: -\ln p(x_t \mid x_{<t})

    The exponential of a mean is the perplexity.

    Args:
        model: A decoder-only model of `lessons.families`.
        ids: The texts.
        first: The first place that is asked for; nothing stands before place 0.

    Raises:
        ValueError: No token stands at place `first`, or none before it.

    >>> from lessons.families import placed_decoder
    >>> place_losses(placed_decoder(10), torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 2])
    """
    if not 0 < first < ids.shape[-1]:
        raise ValueError(
            f"first = {first} for texts of {ids.shape[-1]} tokens: pass a place that has tokens "
            "before it and one at it"
        )
    read, norm, unembed = (getattr(model, part) for part in ("stream", "norm", "unembed"))
    stream = norm(read(ids[:, :-1])[:, first - 1 :])
    said = [
        -widened(unembed(some)).log_softmax(dim=-1).gather(-1, right[..., None])[..., 0]
        for some, right in zip(
            stream.split(AT_ONCE, dim=1), ids[:, first:].split(AT_ONCE, dim=1), strict=True
        )
    ]
    return torch.cat(said, dim=1)
