r"""Byte-pair encoding by ranks, as the library tiktoken applies it.

A vocabulary's file has no merges in it, only tokens in the order in which they were made. That is
enough: two neighbors may be joined if what they make is a token, and the earliest token comes
first.

References: :cite:t:`sennrich2016`, section 3.2, for the merges.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence


def merge_by_rank(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    """Cut a piece into bytes, and join neighbors while they make a token, the earliest first.

    Args:
        piece: What is cut.
        ranks: From a token to its place in the vocabulary.

    Source: the function `bpe_encode` of tiktoken's module `_educational`.

    >>> merge_by_rank(b"cats", {b"at": 256, b"cat": 257})
    [b'cat', b's']
    """
    symbols = [bytes([byte]) for byte in piece]
    while True:
        known = [
            (ranks[first + second], place)
            for place, (first, second) in enumerate(itertools.pairwise(symbols))
            if first + second in ranks
        ]
        if not known:
            return symbols
        _, place = min(known)
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]


class RankedTokenizer:
    """Translate between text and ids by a vocabulary whose ids are its ranks.

    Args:
        ranks: From each token to its id; each of the 256 bytes must be there.
        split: Cuts a text into pieces that no token may cross.

    Raises:
        ValueError: A byte has no id.

    >>> bytes_alone = {bytes([byte]): byte for byte in range(256)}
    >>> tokenizer = RankedTokenizer(bytes_alone | {b"at": 256}, split=str.splitlines)
    >>> tokenizer.encode("cat"), tokenizer.decode([99, 256])
    ([99, 256], 'cat')
    """

    def __init__(self, ranks: Mapping[bytes, int], split: Callable[[str], Iterable[str]]):
        missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
        if missing:
            raise ValueError(f"byte {missing[0]} has no id: pass ranks with all 256 bytes in them")
        self.ranks, self.split = ranks, split
        self.tokens = {rank: token for token, rank in ranks.items()}

    def tokenize(self, text: str) -> list[bytes]:
        """Return the tokens of a text; together they are its bytes in UTF-8."""
        pieces = (piece.encode() for piece in self.split(text))
        return [token for piece in pieces for token in merge_by_rank(piece, self.ranks)]

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's tokens."""
        return [self.ranks[token] for token in self.tokenize(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of some ids; bytes that are no whole character become "�".

        Raises:
            ValueError: There is no token of this id.
        """
        for one in ids:
            if one not in self.tokens:
                raise ValueError(f"there is no token {one}: pass ids of this vocabulary")
        return b"".join(self.tokens[one] for one in ids).decode("utf-8", errors="replace")
