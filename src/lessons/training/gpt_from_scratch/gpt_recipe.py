"""A recipe: all that decides a training, beside the model, the batches and the loop.

Three loops share it, so whatever differs between them is the loop.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lessons.families import next_token_loss
from lessons.fit import rate


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        steps: How often the weights change.
        learning_rate: The highest rate.
        warm_up: The steps in which it rises.
        decay: Whether it falls afterward, along a cosine to zero.
        clip: The length to which a longer gradient is cut; 0 cuts none.
        parts: The batches whose gradients are added for one step.
    """

    steps: int
    learning_rate: float
    warm_up: int = 10
    decay: bool = True
    clip: float = 1.0
    parts: int = 1

    def share(self, step: int) -> float:
        """Return the rate of a step, as a share of the highest.

        >>> [round(Recipe(steps=4, learning_rate=1.0, warm_up=2).share(n), 2) for n in range(4)]
        [0.5, 1.0, 1.0, 0.5]
        """
        if not self.decay and step >= self.warm_up:
            return 1.0
        return rate(step, self.steps, 1.0, warm_up=self.warm_up)


def optimizer_for(model: nn.Module, recipe: Recipe) -> tuple[Optimizer, LambdaLR]:
    """Return AdamW with the recipe's highest rate, and the schedule that lowers it.

    >>> optimizer, _ = optimizer_for(nn.Linear(1, 1), Recipe(4, learning_rate=0.2, warm_up=2))
    >>> optimizer.param_groups[0]["lr"]  # of the first step
    0.1
    """
    optimizer = AdamW(model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98))
    # A plain function: of a method the schedule would write more into its checkpoint than numbers.
    return optimizer, LambdaLR(optimizer, lambda step: recipe.share(step))


def finite_loss(model: nn.Module, ids: Tensor) -> Float[Tensor, ""]:
    """Return the loss on a batch.

    Raises:
        ValueError: It is no finite number any more.

    >>> import torch
    >>> from lessons.families import small_decoder
    >>> finite_loss(small_decoder(10, positions=4), torch.ones(1, 3).long()).shape
    torch.Size([])
    """
    loss = next_token_loss(model, ids)
    if not loss.isfinite():
        raise ValueError(f"the loss is {loss.item()}: lower the learning rate, or warm up longer")
    return loss
