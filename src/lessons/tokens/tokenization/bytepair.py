r"""Byte-pair encoding, second stage: text to ids by the learned merges, and back.

What is learned (`lessons.tokens.tokenization.bpe_training`) is a list of pairs, and its order is
part of it: the pair that was merged first is also applied first.
"""

import itertools
from collections.abc import Iterable, Sequence

from lessons.tokens.byte_tokens import single_bytes
from lessons.tokens.pieces import split_pieces
from lessons.tokens.tokenization.bpe_training import Pair
from lessons.tokens.tokenization.merge_queue import apply_merges_by_queue


def apply_merges(piece: bytes, ranks: dict[Pair, int]) -> list[bytes]:
    """Cut a piece into bytes, and join pairs until none is left that was ever learned.

    Each step joins the pair that was learned earliest; if it occurs twice, the leftmost. Every
    step looks at all pairs, which is quick for a word and slow for a piece of thousands of bytes;
    :func:`~lessons.tokens.tokenization.merge_queue.apply_merges_by_queue` gives the same.

    Args:
        piece: What is cut.
        ranks: From a pair to its place in the list of merges.

    Source: :cite:t:`sennrich2016`, section 3.2.

    >>> apply_merges(b"cats", {(b"a", b"t"): 0, (b"c", b"at"): 1})
    [b'cat', b's']
    """
    symbols = [bytes([byte]) for byte in piece]
    while True:
        known = [
            (ranks[pair], place)
            for place, pair in enumerate(itertools.pairwise(symbols))
            if pair in ranks
        ]
        if not known:
            return symbols
        _, place = min(known)
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]


class BytePairTokenizer:
    """Translate between text and ids, by merges that were learned before.

    Args:
        merges: What :func:`lessons.tokens.tokenization.bpe_training.train_bpe` returns.

    >>> tokenizer = BytePairTokenizer([(b"a", b"t"), (b"c", b"at")])
    >>> tokenizer.encode("cats")
    [257, 82]
    >>> tokenizer.decode([257, 82])
    'cats'
    """

    def __init__(self, merges: Iterable[Pair]):
        self.merges = list(merges)
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        # Two merges may make the same token; it has one id.
        made = [first + second for first, second in self.merges]
        self.tokens = list(dict.fromkeys([*single_bytes(), *made]))
        self.ids = {token: place for place, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def tokenize(self, text: str) -> list[bytes]:
        """Return the tokens of a text; together they are its bytes in UTF-8."""
        pieces = (piece.encode() for piece in split_pieces(text))
        return [token for piece in pieces for token in apply_merges_by_queue(piece, self.ranks)]

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's tokens."""
        return [self.ids[token] for token in self.tokenize(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of some ids; bytes that are no whole character become "�".

        Raises:
            ValueError: There is no token of this id.
        """
        for one in ids:
            if not 0 <= one < len(self.tokens):
                raise ValueError(f"there is no token {one}: pass ids below {len(self.tokens)}")
        return b"".join(self.tokens[one] for one in ids).decode("utf-8", errors="replace")

    def merge_ids(self) -> list[list[int]]:
        """Return the merges as pairs of ids, which a page can carry to a reader's browser."""
        return [[self.ids[first], self.ids[second]] for first, second in self.merges]
