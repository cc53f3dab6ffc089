r"""From which price on a count of cheerful words is no longer hacked, seed by seed.

The page trains two prices with one seed. Seven prices with five seeds each are kept in a file:
`python -m lessons.alignment.grpo.prices_of_seeds` trains them anew and writes it.

Reference: :cite:t:`gao2023`, who vary the price of a learned reward.
"""

from functools import partial
from pathlib import Path

from lessons.alignment.answers import Place, place_of
from lessons.alignment.kept_seeds import keep_places, places_in
from lessons.alignment.playground import Playground, cheerful_words, open_playground
from lessons.alignment.policy_gradient import grpo_loss
from lessons.alignment.rewarded import learn_from_rewards
from lessons.families import DecoderOnly
from lessons.models import load

PRICES = (0.0, 0.04, 0.1, 0.15, 0.2, 0.3, 0.5)
SEEDS = (1, 2, 3, 4, 5)  # the page trains seed 0
FILE = Path(__file__).with_suffix(".json")
NOTE = (
    "For each price and each seed: the exact true reward after GRPO on the count of cheerful "
    "words, and the distance in nats. A seed decides the draws. Written by "
    "`python -m lessons.alignment.grpo.prices_of_seeds`; a test trains a seed again."
)


def prices_of_seed(
    reference: DecoderOnly, playground: Playground, *, seed: int
) -> dict[float, Place]:
    """Return where the count of cheerful words leads at each price, with one seed.

    Args:
        reference: What all policies begin as.
        playground: The prompt, and what is good.
        seed: Decides the draws.
    """
    learn = partial(learn_from_rewards, reference, playground, cheerful_words, groups=8, reuse=2)
    return {
        beta: place_of(learn(partial(grpo_loss, beta=beta), seed=seed)[0], reference, playground)
        for beta in PRICES
    }


def kept_prices() -> dict[float, list[Place]]:
    """Return where each price led, with each of five seeds that were trained once.

    >>> [len(some) for some in kept_prices().values()]
    [5, 5, 5, 5, 5, 5, 5]
    """
    return {float(name): some for name, some in places_in(FILE).items()}


def main() -> None:
    """Train five seeds at each price, and write where they ended."""
    playground, reference = open_playground(load("decoder", source="book"))
    by_seed = [prices_of_seed(reference, playground, seed=seed) for seed in SEEDS]
    places = {str(beta): [one[beta] for one in by_seed] for beta in PRICES}
    keep_places(FILE, places, seeds=SEEDS, note=NOTE)


if __name__ == "__main__":
    main()
