r"""Where DPO's relatives end on the plane of true reward and distance, seed by seed.

One seed is trained while a page is built. Five others are kept in a file:
`python -m lessons.alignment.relatives_of_seeds` trains them anew and writes it.

Reference: :cite:t:`gao2023`, figure 1, for such planes.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from lessons.alignment.answers import Place, place_of
from lessons.alignment.dpo_relatives import ipo_loss, kto_loss, orpo_loss
from lessons.alignment.kept_seeds import keep_places, places_in
from lessons.alignment.pairs import Pairs, fixed_pairs, learn_from_pairs
from lessons.alignment.playground import Playground, open_playground
from lessons.alignment.preference_losses import PairLogs, dpo_loss, with_likelihood
from lessons.families import DecoderOnly
from lessons.models import load

SEEDS = (1, 2, 3, 4, 5)  # the page trains seed 0
FILE = Path(__file__).with_suffix(".json")
NOTE = (
    "For each loss and each seed: the exact true reward, and the distance in nats. A seed decides "
    "which of the same 1,000 answers are paired in which step. Written by "
    "`python -m lessons.alignment.relatives_of_seeds`; a test trains a seed again."
)
RELATIVES: dict[str, Callable[[PairLogs], Tensor]] = {
    "β 0.1": partial(dpo_loss, beta=0.1),
    "β 1": partial(dpo_loss, beta=1.0),
    "likelihood": partial(with_likelihood, beta=0.1, weight=0.2),
    "IPO": partial(ipo_loss, beta=0.1),
    "KTO": partial(kto_loss, beta=0.1),
    "ORPO": partial(orpo_loss, weight=0.5),
    "imitation": partial(orpo_loss, weight=0.0),
}


def relatives_of_seed(
    reference: DecoderOnly,
    playground: Playground,
    *,
    seed: int,
    pairs: Callable[[DecoderOnly, torch.Generator], Pairs] | None = None,
) -> dict[str, Place]:
    """Return where all seven losses lead with one seed, on pairs of the same answers.

    Args:
        reference: What all policies begin as.
        playground: The prompt, and what is good.
        seed: Decides the pairs of each step.
        pairs: The source of pairs; that of the chapter, if none is given.
    """
    pairs = pairs or fixed_pairs(reference, playground)
    learn = partial(learn_from_pairs, reference, playground, pairs, seed=seed)
    return {
        name: place_of(learn(loss)[0], reference, playground) for name, loss in RELATIVES.items()
    }


def kept_relatives() -> dict[str, list[Place]]:
    """Return where each loss led, with each of five seeds that were trained once.

    >>> [len(some) for some in kept_relatives().values()]
    [5, 5, 5, 5, 5, 5, 5]
    """
    return places_in(FILE)


def main() -> None:
    """Train five seeds, and write where they ended."""
    playground, reference = open_playground(load("decoder", source="book"))
    pairs = fixed_pairs(reference, playground)
    by_seed = [relatives_of_seed(reference, playground, seed=seed, pairs=pairs) for seed in SEEDS]
    places = {name: [one[name] for one in by_seed] for name in RELATIVES}
    keep_places(FILE, places, seeds=SEEDS, note=NOTE)


if __name__ == "__main__":
    main()
