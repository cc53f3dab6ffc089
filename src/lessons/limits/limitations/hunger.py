r"""Data hunger: how many examples a small model needs before it does what it has been shown.

The task is to say letters again. A model that has few texts learns them by heart; only with many
does it find the rule, which then holds for texts that it has never seen.
"""

import torch

from lessons.limits.parts import Parts
from lessons.limits.patient import train
from lessons.limits.saying_again import draw_texts, drawing_from, share_right


def learned_from(examples: int, *, steps: int = 150, seed: int = 0) -> tuple[float, float]:
    """Train on a fixed set of texts; return how much is right on these, and on fresh ones.

    Args:
        examples: The texts in the set. The number of steps is the same for all.
        steps: Batches of 32 texts, drawn from the set.
        seed: Decides the texts and the first weights.

    Raises:
        ValueError: There is no example.

    >>> known, fresh = learned_from(4, steps=2)
    >>> 0 <= fresh <= 1
    True
    """
    if examples < 1:
        raise ValueError(f"{examples} examples: pass at least 1")
    shown = draw_texts(torch.Generator().manual_seed(1000 + seed), texts=examples)
    fresh = draw_texts(torch.Generator().manual_seed(2000 + seed), texts=500)
    model, _ = train(Parts(), steps=steps, seed=seed, draw=drawing_from(shown))
    with torch.no_grad():
        known, new = (
            share_right(model(ids[:500], padding[:500]), ids[:500], padding[:500])
            for ids, padding in (shown, fresh)
        )
    return known, new
