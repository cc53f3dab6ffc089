r"""A search as AutoML tools do it: try rates, look at held-out data, stop early, keep the best."""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Trial(NamedTuple):
    """One training: its learning rate, its held-out losses, and the best state it came by."""

    learning_rate: float
    losses: list[float]  # held out, after each round
    state: dict[str, Tensor]

    @property
    def best(self) -> float:
        """The lowest held-out loss.

        >>> Trial(0.1, [2.0, 1.0, 3.0], {}).best
        1.0
        """
        return min(self.losses)


def train_until_worse(
    model: nn.Module,
    draw: Callable[[torch.Generator], Any],
    loss_of: Callable[[Any, Any], Tensor],
    held_out: Any,
    *,
    learning_rate: float,
    rounds: int,
    steps: int = 10,
    patience: int = 1,
    seed: int = 0,
) -> Trial:
    """Train in rounds until the held-out loss did not fall `patience` times running.

    A training whose loss is no finite number any more ends there, with the best weights so far.

    Args:
        model: What learns; in the end it has its best round's weights.
        draw: From a generator to a batch.
        loss_of: From the model and a batch to a loss.
        held_out: The batch that decides; nothing is learned from it.
        learning_rate: Of AdamW, the same in all steps.
        rounds: How many rounds at most.
        steps: The batches in a round.
        patience: How many rounds without a new best loss are waited for.
        seed: Decides the batches.

    Raises:
        ValueError: There is no round or no step to do, or no patience at all.

    >>> slope, held_out = nn.Linear(1, 1), torch.ones(4, 1)
    >>> loss_of = lambda model, x: (model(x) - 2 * x).square().mean()
    >>> draw = lambda generator: torch.randn(4, 1, generator=generator)
    >>> trial = train_until_worse(slope, draw, loss_of, held_out, learning_rate=0.1, rounds=3)
    >>> trial.best < 1 and len(trial.losses) <= 3
    True
    """
    if min(rounds, steps, patience) < 1:
        raise ValueError(f"{rounds} rounds of {steps} steps, patience {patience}: pass at least 1")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: list[float] = []
    best, waited = copy.deepcopy(model.state_dict()), 0
    while len(losses) < rounds and waited < patience:
        model.train()
        for _ in range(steps):
            optimizer.zero_grad()
            loss_of(model, draw(generator)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = loss_of(model, held_out).item()
        losses.append(loss if math.isfinite(loss) else math.inf)
        if losses[-1] == math.inf:
            break
        waited += 1
        if losses[-1] == min(losses):
            best, waited = copy.deepcopy(model.state_dict()), 0
    model.load_state_dict(best)
    return Trial(learning_rate, losses, best)


def search_rates(
    make: Callable[[], nn.Module], rates: Sequence[float], train: Callable[..., Trial]
) -> list[Trial]:
    """Train a fresh model with each learning rate, and return the trials, the best first.

    Args:
        make: Makes the model as it is before training.
        rates: The learning rates.
        train: :func:`train_until_worse` with all but the model and the rate.

    Raises:
        ValueError: There is no rate, or each of them made the loss diverge.

    >>> trial = lambda model, *, learning_rate: Trial(learning_rate, [abs(learning_rate - 2)], {})
    >>> [one.learning_rate for one in search_rates(nn.Identity, [1.0, 2.0, 4.0], trial)]
    [2.0, 1.0, 4.0]
    """
    if not rates:
        raise ValueError("there is no learning rate: pass one at least")
    trials = [train(make(), learning_rate=one) for one in rates]
    trials.sort(key=lambda trial: trial.best)
    if trials[0].best == math.inf:
        raise ValueError(f"the loss diverged at each rate of {[*rates]}: pass lower ones")
    return trials
