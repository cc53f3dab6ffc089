"""The first weights of a model, drawn so that signals keep about their size."""

from typing import TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


def xavier(model: Model, *, generator: torch.Generator) -> Model:
    r"""Draw the weights of all linear layers anew, and set their biases to zero.

    A weight is uniform within :math:`\pm\sqrt{6 / (\text{inputs} + \text{outputs})}`, so that
    signals keep about their size on the way forward and on the way back.

    Source: :cite:t:`glorot2010`, equation 16; :cite:t:`xiong2020` analyze transformers under it.

    >>> layer = xavier(nn.Linear(3, 3), generator=torch.Generator().manual_seed(0))
    >>> bool(layer.weight.abs().max() <= 1), layer.bias.tolist()
    (True, [0.0, 0.0, 0.0])
    """
    for part in model.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight, generator=generator)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    return model
