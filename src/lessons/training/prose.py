"""The text that the small GPT learns: prose of this book, frozen in a file beside this module.

The file holds 513 paragraphs of the chapters as they stood in November 2026, without code,
formulas and links, a line each, under the license of the book's text, CC BY 4.0. It does not
change when a chapter does.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from lessons.tokens import BytePairTokenizer, split_pieces, train_bpe

FILE = Path(__file__).with_name("prose.txt")
TENTH = 10  # of so many paragraphs one is held out


class Prose(NamedTuple):
    """A text in tokens, cut in two, and the tokenizer that cut it."""

    tokenizer: BytePairTokenizer
    learned: Int64[Tensor, " tokens"]
    held_out: Int64[Tensor, " others"]


def paragraphs(*, held_out: bool) -> list[str]:
    """Return each tenth paragraph, or all the others.

    >>> len(paragraphs(held_out=True)), len(paragraphs(held_out=False))
    (51, 462)
    """
    lines = FILE.read_text("utf8").splitlines(keepends=True)
    return [line for at, line in enumerate(lines) if (at % TENTH == TENTH - 1) == held_out]


def read_prose(*, vocab_size: int) -> Prose:
    """Learn byte pairs on what may be learned from, and cut both parts with them.

    Args:
        vocab_size: How many tokens there shall be.

    Raises:
        ValueError: The vocabulary is smaller than 256.

    >>> prose = read_prose(vocab_size=260)
    >>> len(prose.tokenizer), prose.tokenizer.decode(prose.learned[:9].tolist())
    (260, 'A network')
    """
    learned, held_out = ("".join(paragraphs(held_out=part)) for part in (False, True))
    tokenizer = BytePairTokenizer(train_bpe(split_pieces(learned), vocab_size=vocab_size))
    ids_of = cache(tokenizer.encode)  # most pieces come again
    ids = (
        torch.tensor([one for piece in split_pieces(text) for one in ids_of(piece)])
        for text in (learned, held_out)
    )
    return Prose(tokenizer, *ids)
