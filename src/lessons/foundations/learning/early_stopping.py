r"""Early stopping: look at held-out examples on the way, and keep the best weights."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from lessons.foundations.learning.examples import mean_loss


class Watch:
    """A loss for `fit` that looks at held-out examples on the way, without learning from them.

    Attributes:
        steps: The steps before which it looked.
        losses: What it saw then, in nats.
        best: The weights with the lowest of these losses.
    """

    def __init__(
        self, held_out: Any, *, every: int = 10, loss_of: Callable[..., Tensor] = mean_loss
    ) -> None:
        """Watch these examples.

        Args:
            held_out: The examples to look at: of the validation set.
            every: In how many steps to look once.
            loss_of: From a model and examples to the loss.
        """
        self.held_out, self.every, self.loss_of = held_out, every, loss_of
        self.steps: list[int] = []
        self.losses: list[float] = []
        self.best: dict[str, Tensor] = {}
        self._calls = 0

    def __call__(self, model: nn.Module, examples: Any) -> Tensor:
        """Return the loss on the batch, after a look at the held-out examples when it is time."""
        if self._calls % self.every == 0:
            self._look(model)
        self._calls += 1
        return self.loss_of(model, examples)

    @torch.no_grad()
    def _look(self, model: nn.Module) -> None:
        model.eval()
        self.steps.append(self._calls)
        self.losses.append(self.loss_of(model, self.held_out).item())
        if self.losses[-1] == min(self.losses):
            self.best = deepcopy(model.state_dict())
        model.train()
