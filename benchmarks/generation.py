"""Generation, measured: ours against transformers', cached against uncached, bytes counted.

Run it with `python benchmarks/generation.py`; `--lengths` and `--repeats` shorten it. The ratios
are between runs that take turns, on one thread and in seconds of the processor, so that other
programs on the machine count as little as possible.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from lessons.families import DecoderOnly, from_transformers
from lessons.generation import Cached, Uncached, cache_bytes, greedy
from lessons.models import load

PROMPT = 8


def book() -> GPT2LMHeadModel:
    """Return the book's own GPT-2."""
    return load("decoder", source="book").model


def real() -> GPT2LMHeadModel:
    """Return GPT-2 (small) in its real size, with random weights."""
    return GPT2LMHeadModel(GPT2Config(bos_token_id=0, eos_token_id=None))


def llama() -> LlamaForCausalLM:
    """Return a small Llama, whose eight query heads share two heads of keys and values."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=300,
            hidden_size=128,
            num_hidden_layers=3,
            num_attention_heads=8,
            num_key_value_heads=2,
            intermediate_size=344,
            eos_token_id=None,
        )
    )


MODELS = {"book": book, "llama": llama, "real": real}


def theirs_greedy(model: nn.Module, prompt: Tensor, tokens: int) -> Tensor:
    """Generate with transformers, its cache on."""
    output = model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=tokens,
        do_sample=False,
        use_cache=True,
        eos_token_id=None,
        pad_token_id=0,
    )
    return output[:, prompt.shape[1] :]


def taking_turns(runs: list[Callable[[], Tensor]], repeats: int) -> list[list[float]]:
    """Return the processor's seconds that each run took, `repeats` times, in turn."""
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats):
        for run, taken in zip(runs, seconds, strict=True):
            begun = time.process_time()
            run()
            taken.append(time.process_time() - begun)
    return seconds


def against_transformers(theirs: nn.Module, ours: DecoderOnly, tokens: int, repeats: int) -> str:
    """Return a row: transformers' seconds divided by ours, for the same tokens."""
    prompt = torch.randint(1, 200, (1, PROMPT))
    same = torch.equal(
        greedy(ours, prompt, max_new_tokens=16), theirs_greedy(theirs, prompt, 16)
    )  # also warms both up
    theirs_seconds, our_seconds = taking_turns(
        [
            lambda: theirs_greedy(theirs, prompt, tokens),
            lambda: greedy(ours, prompt, max_new_tokens=tokens),
        ],
        repeats,
    )
    ratios = [t / o for t, o in zip(theirs_seconds, our_seconds, strict=True)]
    return (
        f"{tokens:7} {statistics.median(ratios):8.2f} {min(ratios):8.2f} {max(ratios):8.2f}"
        f"   {'same' if same else 'DIFFERENT'} tokens"
    )


def cached_against_uncached(ours: DecoderOnly, tokens: int, repeats: int) -> str:
    """Return a row: the uncached session's seconds divided by the cached one's."""
    prompt = torch.randint(1, 200, (1, PROMPT))
    uncached, cached = taking_turns(
        [
            lambda: greedy(ours, prompt, max_new_tokens=tokens, session=Uncached),
            lambda: greedy(ours, prompt, max_new_tokens=tokens),
        ],
        repeats,
    )
    ratio = statistics.median(u / c for u, c in zip(uncached, cached, strict=True))
    per_second = tokens / statistics.median(cached)
    return f"{tokens:7} {ratio:8.2f} {per_second:12.0f}"


@torch.no_grad()
def cache_row(theirs: nn.Module, ours: DecoderOnly, tokens: int) -> str:
    """Return a row: the bytes of a full cache, measured and by the formula."""
    session = Cached(ours, tokens)
    session.advance(torch.randint(1, 200, (1, tokens)))
    config = theirs.config
    formula = cache_bytes(
        tokens,
        layers=config.num_hidden_layers,
        d_model=config.hidden_size,
        heads=config.num_attention_heads,
        kv_heads=getattr(config, "num_key_value_heads", config.num_attention_heads),
    )
    if session.nbytes != formula:
        raise SystemExit(f"the cache takes {session.nbytes} bytes, the formula says {formula}")
    return f"{tokens:7} {session.nbytes:12} {formula:12}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", type=int, nargs="+", default=[32, 64, 128, 256, 512])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    for make in [MODELS[name] for name in options.models]:
        torch.manual_seed(0)
        theirs = make().eval()
        ours = from_transformers(theirs)
        repeats = 1 if make is real else options.repeats
        print(f"\n{make.__doc__.removeprefix('Return ')}")
        print(" tokens  transformers : ours (median, least, most); goal: more than 1")
        print(against_transformers(theirs, ours, 256, options.repeats), flush=True)
        print(" tokens  uncached : cached   cached tokens/s")
        for tokens in options.lengths:
            print(cached_against_uncached(ours, tokens, repeats), flush=True)
        print(" tokens  cache bytes      formula")
        print(cache_row(theirs, ours, 512), flush=True)


if __name__ == "__main__":
    main()
