"""Step 4: generation timed with and without a cache, in a table that says how noisy it is."""

from collections.abc import Sequence
from functools import partial
from numbers import Integral

import torch

from lab.machine import read
from lab.showing import Shown, plain, table
from lessons.families import DecoderOnly, from_transformers
from lessons.generation import Cached, Uncached, clock_for, in_turns, spread, step_seconds
from lessons.models import Loaded

SESSIONS = {"no": Uncached, "yes": Cached}
NOISY = 0.25  # of the median, from the least to the most


def time_generation(
    loaded: Loaded, prompt: str, lengths: Sequence[int], *, repeats: int = 5
) -> Shown:
    """Time generation with and without a cache: medians of repeats that take turns.

    On a CPU, seconds are those of the processor on one thread, so that other programs disturb
    little; on a GPU they are those of the clock, when the GPU has finished.

    Args:
        loaded: A decoder that :func:`lessons.families.conversion.from_transformers` knows.
        prompt: What is continued, greedily.
        lengths: How many new tokens; each length is a part of the same runs.
        repeats: How many runs of each kind; an odd number has a median that was measured.

    Raises:
        ValueError: The prompt cannot be read, a length is no whole number of 1 or more, there is
            no repeat, or the text would be longer than the model's positions.

    >>> from lab.machine import load_model
    >>> decoder = load_model("decoder", source="book")
    >>> rows = time_generation(decoder, "the keys", [2, 4], repeats=1).facts["rows"]
    >>> [(row["new"], row["cache"]) for row in rows]
    [(2, 'no'), (2, 'yes'), (4, 'no'), (4, 'yes')]
    """
    encoded, tokens = read(loaded, prompt, "the prompt", by=["decoder"])
    lengths = _check(loaded, len(tokens), lengths, repeats)
    model = from_transformers(loaded.model)
    assert isinstance(model, DecoderOnly)
    run = partial(step_seconds, model, encoded.input_ids, clock=clock_for(loaded.model.device))
    runs = {name: partial(run, steps=lengths[-1], session=one) for name, one in SESSIONS.items()}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for session in SESSIONS.values():
            run(steps=1, session=session)  # warms up
        measured = in_turns(runs, repeats=repeats)
    finally:
        torch.set_num_threads(threads)
    rows = [_row(measured[name], n, name) for n in lengths for name in SESSIONS]
    facts = {"model": loaded.provenance, "prompt": prompt, "lengths": lengths, "repeats": repeats}
    facts |= {"device": str(loaded.model.device), "rows": rows}
    return Shown(_told(facts), facts)


def _check(loaded: Loaded, prompt: int, lengths: Sequence[int] | int, repeats: int) -> list[int]:
    """Return the lengths in order, each once, if they can be timed."""
    wanted = [lengths] if isinstance(lengths, int) else list(() if lengths is None else lengths)
    if not wanted or not all(isinstance(n, Integral) and n >= 1 for n in (*wanted, repeats)):
        raise ValueError(
            "pass at least one length of 1 or more new tokens, such as [8, 32, 128], and repeats "
            "of 1 or more, all in whole numbers"
        )
    lengths = sorted({int(n) for n in wanted})
    positions = getattr(loaded.model.config, "max_position_embeddings", None)
    if positions and prompt + lengths[-1] > positions:
        raise ValueError(
            f"{prompt} tokens of the prompt and {lengths[-1]} new ones are more than the model's "
            f"{positions} positions: pass lengths up to {positions - prompt}"
        )
    return lengths


def _row(repeats: list[Sequence[float]], new: int, cache: str) -> dict:
    """Return what is known of one length: seconds, latency a token, throughput, and the noise."""
    taken = spread(repeats, steps=new)
    seconds = max(taken.median, 1e-9)  # a clock may tick too slowly for a single step
    return {
        "new": new, "cache": cache, "ms": round(1e3 * taken.median, 1),
        "least_ms": round(1e3 * taken.least, 1), "most_ms": round(1e3 * taken.most, 1),
        "ms_per_token": round(1e3 * taken.median / new, 2),
        "tokens_per_second": round(new / seconds, 1),
        "noise": round((taken.most - taken.least) / seconds, 2),
    }  # fmt: skip


def _told(facts: dict) -> str:
    head = ["new tokens", "cache", "median ms (least–most)", "latency, ms per token",
            "throughput, tokens per second", "noise"]  # fmt: skip
    rows = [
        [row["new"], row["cache"], f"{row['ms']} ({row['least_ms']}–{row['most_ms']})",
         row["ms_per_token"], row["tokens_per_second"], f"{row['noise']:.0%}"]
        for row in facts["rows"]
    ]  # fmt: skip
    pairs = zip(facts["rows"][::2], facts["rows"][1::2], strict=True)
    ratios = ", ".join(
        f"{one['new']}: {one['ms'] / max(other['ms'], 1e-6):.1f}" for one, other in pairs
    )
    return (
        f"Model: {plain(facts['model'])}; on {facts['device']}, "
        f"medians of {facts['repeats']} repeats.\n\n"
        f"{table(head, rows)}\n\nTime without cache ÷ time with cache, by new tokens: {ratios}. "
        f"{_noise(facts['rows'], facts['repeats'])}"
    )


def _noise(rows: list[dict], repeats: int) -> str:
    """Say how far the repeats lie apart, and whether that leaves a comparison in doubt."""
    if repeats < 3:
        return "Fewer than three repeats do not tell how noisy they are."
    worst = max(row["noise"] for row in rows)
    doubtful = [
        str(one["new"])
        for one, other in zip(rows[::2], rows[1::2], strict=True)
        if max(one["least_ms"], other["least_ms"]) <= min(one["most_ms"], other["most_ms"])
    ]
    told = f"Noise is the span of the repeats over their median: at most {worst:.0%} here"
    told += ", so repeat it on a quieter machine" if worst > NOISY else ""
    if doubtful:
        told += f". Where the spans overlap, nothing is decided: {', '.join(doubtful)} new tokens"
    return f"{told}."
