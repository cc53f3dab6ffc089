"""How our attention compares with torch's, and how its time grows: ratios within one run.

Only the ratios mean something: machines differ, and the same machine is noisy.
"""

import statistics
import time
from collections.abc import Callable

import torch

from lessons.attention import scaled_dot_product_attention

LENGTHS = (128, 256, 512, 1024, 2048)
REPEATS = 9


def median_seconds(task: Callable[[], object]) -> float:
    """Return the median time of a task over several repeats, after one to warm up."""
    task()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


@torch.no_grad()
def main() -> None:
    generator = torch.Generator().manual_seed(0)
    print("12 heads of 64 numbers, batch 1, float32, medians of", REPEATS)
    print(f"{'tokens':>6} {'ours, ms':>10} {'torch, ms':>10} {'ours/torch':>11} {'growth':>7}")
    before = None
    for tokens in LENGTHS:
        query, key, value = torch.randn(3, 1, 12, tokens, 64, generator=generator)
        ours = median_seconds(lambda q=query, k=key, v=value: scaled_dot_product_attention(q, k, v))
        theirs = median_seconds(
            lambda q=query, k=key, v=value: torch.nn.functional.scaled_dot_product_attention(
                q, k, v
            )
        )
        growth = "" if before is None else f"{ours / before:.1f}x"
        print(
            f"{tokens:6} {ours * 1e3:10.2f} {theirs * 1e3:10.2f} {ours / theirs:11.2f} {growth:>7}"
        )
        before = ours
    print("growth: time against that of half the tokens; 4x is the square")


if __name__ == "__main__":
    main()
