r"""How far the first step of an optimizer moves an adapted model, and what α has to do with it."""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from lessons.adaptation.labeled_text import Labeled, labeled_loss
from lessons.adaptation.lora.low_rank import adapt, adapted_layers, block_matrices


class FirstStep(NamedTuple):
    r"""What one step of an optimizer did."""

    size: float  # of the update, over all layers together
    fall: float  # of the loss, on the texts of the step


def step_from_base(
    model: nn.Module,
    texts: Labeled,
    *,
    alpha: float,
    optimizer: Callable[..., torch.optim.Optimizer],
    rank: int = 4,
    seed: int = 0,
) -> FirstStep:
    r"""Return the size of :math:`\frac{\alpha}{r} B A` after one step, and how far the loss fell.

    Args:
        model: It is left as it is.
        texts: The batch of the step.
        alpha: :math:`\alpha`.
        optimizer: A class of torch's optimizers.
        rank: :math:`r`.
        seed: Decides the first numbers of :math:`A`.

    >>> from lessons.families import small_decoder
    >>> texts = Labeled(torch.tensor([[1, 2]]), torch.tensor([[1, 2]]))
    >>> model, adam = small_decoder(9, positions=4), torch.optim.Adam
    >>> once, twice = (step_from_base(model, texts, alpha=a, optimizer=adam) for a in (1.0, 2.0))
    >>> round(twice.size / once.size, 2)
    2.0
    """
    learner = adapt(deepcopy(model), block_matrices(model), rank=rank, alpha=alpha, seed=seed)
    (loss := labeled_loss(learner, texts)).backward()
    optimizer([one for one in learner.parameters() if one.requires_grad], lr=1e-3).step()
    with torch.no_grad():
        sizes = [
            (layer.scale * layer.up @ layer.down).square().sum()
            for layer in adapted_layers(learner).values()
        ]
        fall = loss - labeled_loss(learner, texts)
    return FirstStep(torch.stack(sizes).sum().sqrt().item(), fall.item())
