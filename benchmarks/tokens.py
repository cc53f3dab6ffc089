"""Byte-pair encoding, measured: training and encoding, ours against tokenizers'.

Run it with `python benchmarks/tokens.py`. The text is a megabyte of the book itself. Both get the
same pieces (tokenizers its own cut, which is the same), and both are timed in seconds of the
processor: tokenizers' threads count as ours would.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from lessons.tokens import BytePairTokenizer, split_pieces, train_bpe

ROOT = Path(__file__).parents[1]
MERGES = (100, 1_000, 4_000, 16_000)
LONGEST = "a" * 8_000
GOAL = 10.0  # ours over tokenizers', in training
LINEAR = 2.5  # twice the length over once


def text() -> str:
    """Return a megabyte of the book."""
    pages = sorted([*ROOT.glob("book/*/*.md"), *ROOT.glob("solutions/*.md")])
    return (
        "".join(page.read_text("utf8") for page in pages)
        .encode()[:1_000_000]
        .decode("utf8", "ignore")
    )


def seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor's seconds that a call takes, and its result."""
    begun = time.process_time()
    result = run()
    return time.process_time() - begun, result


def theirs(corpus: str, vocab_size: int) -> Tokenizer:
    """Train with tokenizers, as GPT-2 cuts texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([corpus], trainer)
    return tokenizer


def main() -> int:
    corpus, failed = text(), False
    print(f"{len(corpus.encode()):,} bytes of the book")
    print(" merges   ours, s   theirs, s   training   encoding")
    for merges in MERGES:
        slow, learned = seconds(
            lambda n=merges: train_bpe(split_pieces(corpus), vocab_size=256 + n)
        )
        quick, library = seconds(lambda n=merges: theirs(corpus, 256 + n))
        ours = BytePairTokenizer(learned)
        read, _ = seconds(lambda one=ours: one.encode(corpus))
        library_read, _ = seconds(lambda one=library: one.encode(corpus))
        ratio = slow / quick
        failed |= ratio > GOAL
        print(f"{merges:7,} {slow:9.2f} {quick:11.2f} {ratio:10.1f} {read / library_read:10.1f}")
    print(f"goal: training at most {GOAL:.0f} times as long as theirs")
    ours = BytePairTokenizer([(b"a", b"a"), (b"aa", b"aa")])
    once, _ = seconds(lambda: ours.encode(LONGEST))
    twice, _ = seconds(lambda: ours.encode(2 * LONGEST))
    failed |= twice / once > LINEAR
    print(f"one piece of {len(LONGEST):,} letters: {once:.3f} s; twice: {twice / once:.1f} times")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
