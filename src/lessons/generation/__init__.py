"""Generation: from a model that guesses one token to a text."""

from lessons.generation.beam import Beam, beam_search
from lessons.generation.cache import KeyValueCache, ReadOnceCache, cache_bytes
from lessons.generation.cost import Sizes, cached_flops, step_flops, uncached_flops
from lessons.generation.filters import keep_top_k, keep_top_p, scale_by_temperature
from lessons.generation.likelihood import log_probability
from lessons.generation.loop import generate, greedy, sample
from lessons.generation.sessions import Cached, Uncached
from lessons.generation.timing import (
    Spread,
    clock_for,
    generate_seconds,
    in_turns,
    spread,
    step_seconds,
)

__all__ = [
    "Beam",
    "Cached",
    "KeyValueCache",
    "ReadOnceCache",
    "Sizes",
    "Spread",
    "Uncached",
    "beam_search",
    "cache_bytes",
    "cached_flops",
    "clock_for",
    "generate",
    "generate_seconds",
    "greedy",
    "in_turns",
    "keep_top_k",
    "keep_top_p",
    "log_probability",
    "sample",
    "scale_by_temperature",
    "spread",
    "step_flops",
    "step_seconds",
    "uncached_flops",
]
