r"""Early stopping: look at held-out examples on the way, and keep the best weights."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from lessons.foundations.learning.examples import Examples, mean_loss


class Watch:
    """A loss for `fit` that looks at held-out examples on the way, without learning from them.

    Attributes:
        steps: The steps before which it looked.
        losses: What it saw then, in nats.
        best: The weights with the lowest of these losses.
    """

    def __init__(self, held_out: Examples, *, every: int = 10) -> None:
        """Watch these examples.

        Args:
            held_out: The examples to look at: of the validation set.
            every: In how many steps to look once.
        """
        self.held_out, self.every = held_out, every
        self.steps: list[int] = []
        self.losses: list[float] = []
        self.best: dict[str, Tensor] = {}
        self._calls = 0

    def __call__(self, model: nn.Module, examples: Examples) -> Tensor:
        """Return the loss on the batch, after a look at the held-out examples when it is time."""
        if self._calls % self.every == 0:
            self._look(model)
        self._calls += 1
        return mean_loss(model, examples)

    @torch.no_grad()
    def _look(self, model: nn.Module) -> None:
        model.eval()
        self.steps.append(self._calls)
        self.losses.append(mean_loss(model, self.held_out).item())
        if self.losses[-1] == min(self.losses):
            self.best = deepcopy(model.state_dict())
        model.train()
