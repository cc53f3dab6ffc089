"""Where the names of `lessons.generation` are defined; each is loaded when it is asked for."""

from .cache import (
    KeyValueCache as KeyValueCache,
    ReadOnceCache as ReadOnceCache,
    cache_bytes as cache_bytes,
)
from .decoding.beam import Beam as Beam, beam_search as beam_search
from .decoding.filters import (
    keep_top_k as keep_top_k,
    keep_top_p as keep_top_p,
    scale_by_temperature as scale_by_temperature,
)
from .decoding.likelihood import log_probability as log_probability
from .decoding.repetition import said_before as said_before
from .kv_cache.decoding_cost import (
    Sizes as Sizes,
    cached_flops as cached_flops,
    step_flops as step_flops,
    uncached_flops as uncached_flops,
)
from .kv_cache.timing import (
    Spread as Spread,
    clock_for as clock_for,
    generate_seconds as generate_seconds,
    in_turns as in_turns,
    product_seconds as product_seconds,
    spread as spread,
    step_seconds as step_seconds,
)
from .loop import generate as generate, greedy as greedy, sample as sample
from .sessions import Cached as Cached, Uncached as Uncached
