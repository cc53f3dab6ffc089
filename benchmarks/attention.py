"""How our attention compares with torch's fused one, and how its time grows: ratios within a run.

Only the ratios mean something: machines differ, and the same machine is noisy. So the two take
turns, on one thread and in seconds of the processor. The equation of the book returns the weights,
and so must hold a table of them; the layer that the models are made of holds a few rows at a time,
where nobody looks at the weights.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention as fused

from lessons.attention import causal_mask, scaled_dot_product_attention
from lessons.blocks import Attention

LENGTHS = (128, 256, 512, 1024, 2048)
REPEATS = 5
HEADS, D_HEAD = 12, 64
GOAL = 3.0  # the layer's time against the fused kernel's, at the greatest length


def in_turns(*tasks: Callable[[], object]) -> list[float]:
    """Return the median of the processor's seconds of each task, after one run to warm up."""
    seconds: list[list[float]] = [[] for _ in tasks]
    for _ in range(REPEATS + 1):
        for task, taken in zip(tasks, seconds, strict=True):
            begun = time.process_time()
            task()
            taken.append(time.process_time() - begun)
    return [statistics.median(taken[1:]) for taken in seconds]


def unprojected() -> Attention:
    """Return the models' attention without its projections, so that attention alone is timed."""
    layer = Attention(HEADS * D_HEAD, HEADS)
    for name in ("to_query", "to_key", "to_value", "to_output"):
        setattr(layer, name, nn.Identity())
    return layer


def row(layer: Attention, tokens: Tensor, *, causal: bool) -> tuple[list[float], str]:
    """Return the seconds of the equation, the layer and the fused kernel, and a line of them."""
    x = tokens.unflatten(-1, (HEADS, D_HEAD)).transpose(-3, -2)
    visible = causal_mask(len(tokens[0]), len(tokens[0])) if causal else None
    with torch.no_grad():
        seconds = in_turns(
            lambda: scaled_dot_product_attention(x, x, x, visible=visible),
            lambda: layer(tokens, visible=visible),
            lambda: fused(x, x, x, is_causal=causal),
        )
    equation, ours, theirs = seconds
    times = "".join(f"{1e3 * one:12.1f}" for one in seconds)
    return seconds, f"{times}{equation / theirs:12.2f}{ours / theirs:10.2f}"


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layer = unprojected()
    print(f"{HEADS} heads of {D_HEAD} numbers, batch 1, float32, medians of {REPEATS}, in ms")
    print("  tokens mask      equation       layer       fused  eq./fused  lay./fused  growth")
    for causal in (False, True):
        before = None
        for length in LENGTHS:
            seconds, line = row(layer, torch.randn(1, length, HEADS * D_HEAD), causal=causal)
            growth = "" if before is None else f"{seconds[1] / before:7.1f}x"
            print(f"{length:8} {'causal' if causal else 'none':6}{line}{growth}", flush=True)
            before = seconds[1]
        ratio = seconds[1] / seconds[2]
        print(f"goal: layer / fused at {length} tokens at most {GOAL}: {ratio:.2f}")
    print("growth: the layer's time against that of half the tokens; 4x is the square")


if __name__ == "__main__":
    main()
