r"""Where seven ways of training end on the plane of true reward and distance, seed by seed.

One seed is trained while a page is built. Five others take a minute more, so they are kept in a
file, with a note of how it was made: `python -m lessons.alignment.preferences.plane_of_seeds`
trains them anew and writes it.

Reference: :cite:t:`gao2023`, figure 1, for such planes.
"""

import ast
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from torch import Tensor

from lessons.alignment.answers import Place, place_of
from lessons.alignment.kept_seeds import keep_places, places_in
from lessons.alignment.pairs import fixed_pairs, learn_from_pairs
from lessons.alignment.playground import Playground, open_playground, true_reward
from lessons.alignment.policy_gradient import grpo_loss
from lessons.alignment.preference_losses import PairLogs, dpo_loss, with_likelihood
from lessons.alignment.preferences.ppo import learn_by_ppo
from lessons.alignment.preferences.scalar_head import Scored, learn_reward, score_of
from lessons.alignment.rewarded import Reward, learn_from_rewards
from lessons.families import DecoderOnly
from lessons.models import load

WAYS = (
    *("PPO, true", "PPO, judge", "PPO, no price"),
    *("DPO", "DPO, likelihood", "GRPO, true", "GRPO, judge"),
)
SEEDS = (1, 2, 3, 4, 5)  # the page trains seed 0

FILE = Path(__file__).with_suffix(".json")
LESSONS = Path(__file__).parents[2]
NOTE = (
    "For each way of training and each seed: the exact true reward, and the distance in nats. "
    "A seed decides the answers, pairs and labels that the judge learns from, the pairs of DPO, "
    "and what is drawn in training. Written by "
    "`python -m lessons.alignment.preferences.plane_of_seeds`; a test trains a seed again."
)
CODE = (
    *("answers", "pairs", "playground", "policy_gradient", "preference_losses", "rewarded"),
    *("preferences/ppo", "preferences/scalar_head", "preferences/plane_of_seeds"),
)
WEIGHTS = "models/weights/decoder/model.safetensors"


def trained_by(
    way: str, reference: DecoderOnly, playground: Playground, judge: Scored, *, seed: int
) -> DecoderOnly:
    """Return a policy that was trained in one of seven ways.

    Args:
        way: A method, and what tells it what answers are worth: the truth, the judge, or pairs.
        reference: What the policy begins as.
        playground: The prompt, and what is good.
        judge: A reward model, for the ways that ask it.
        seed: Decides pairs and draws.

    Raises:
        ValueError: `way` is none of the seven.

    >>> len(WAYS), WAYS[0]
    (7, 'PPO, true')
    """
    true: Reward = true_reward
    judged: Reward = partial(score_of, model=judge)
    by_ppo = {"PPO, true": (true, 0.1), "PPO, judge": (judged, 0.3), "PPO, no price": (judged, 0.0)}
    by_pairs: dict[str, Callable[[PairLogs], Tensor]] = {
        "DPO": partial(dpo_loss, beta=0.1),
        "DPO, likelihood": partial(with_likelihood, beta=0.1, weight=0.2),
    }
    by_grpo = {"GRPO, true": true, "GRPO, judge": judged}
    if way in by_ppo:
        reward, beta = by_ppo[way]
        return learn_by_ppo(reference, playground, reward, beta=beta, seed=seed)
    if way in by_pairs:
        pairs = fixed_pairs(reference, playground, seed=seed)
        return learn_from_pairs(reference, playground, pairs, by_pairs[way], seed=seed)[0]
    if way in by_grpo:
        loss = partial(grpo_loss, beta=0.04)
        learn = partial(learn_from_rewards, reference, playground, groups=8, reuse=2, seed=seed)
        return learn(by_grpo[way], loss)[0]
    raise ValueError(f"{way!r} is no way of training: pass one of {', '.join(map(repr, WAYS))}")


def places_of_seed(
    reference: DecoderOnly, playground: Playground, *, seed: int
) -> dict[str, Place]:
    """Return where all seven ways end with one seed, which has a judge and pairs of its own.

    Args:
        reference: What all policies begin as.
        playground: The prompt, and what is good.
        seed: Decides all that is drawn.
    """
    judge = learn_reward(reference, playground, agreement=0.85, seed=seed)
    return {
        way: place_of(
            trained_by(way, reference, playground, judge, seed=seed), reference, playground
        )
        for way in WAYS
    }


def made_from(lessons: Path = LESSONS) -> str:
    """Return a digest of what decides the places: code without comments and docstrings, weights.

    Args:
        lessons: The folder of all lessons.

    >>> len(made_from())
    16
    """
    digest = hashlib.sha256((lessons / WEIGHTS).read_bytes())
    for name in CODE:
        tree = ast.parse((lessons / "alignment" / f"{name}.py").read_text("utf8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                node.body = node.body[ast.get_docstring(node) is not None :]
        digest.update(ast.unparse(tree).encode())
    return digest.hexdigest()[:16]


def kept_places() -> dict[str, list[Place]]:
    """Return where each way ended, with each of five seeds that were trained once.

    >>> [len(some) for some in kept_places().values()]
    [5, 5, 5, 5, 5, 5, 5]
    """
    return places_in(FILE)


def main() -> None:
    """Train five seeds, and write where they ended."""
    playground, reference = open_playground(load("decoder", source="book"))
    by_seed = [places_of_seed(reference, playground, seed=seed) for seed in SEEDS]
    places = {way: [one[way] for one in by_seed] for way in WAYS}
    keep_places(FILE, places, seeds=SEEDS, note=NOTE, made_from=made_from())


if __name__ == "__main__":
    main()
