r"""Byte-pair encoding of long pieces: the next pair waits at the head of a queue.

A line of eight thousand letters is one piece. To look at all its pairs before each merge takes
time that grows with the square of its length; here a merge looks at its two neighbors only.

Reference: the queue is that of the library `tokenizers`, the tests' oracle.
"""

import heapq

from lessons.tokens.tokenization.bpe_training import Pair


def apply_merges_by_queue(piece: bytes, ranks: dict[Pair, int]) -> list[bytes]:
    """Return what :func:`~lessons.tokens.tokenization.bytepair.apply_merges` does, sooner.

    Args:
        piece: What is cut.
        ranks: From a pair to its place in the list of merges.

    >>> apply_merges_by_queue(b"cats", {(b"a", b"t"): 0, (b"c", b"at"): 1})
    [b'cat', b's']
    """
    symbols = [bytes([byte]) for byte in piece]
    before = list(range(-1, len(symbols) - 1))
    after = list(range(1, len(symbols) + 1))
    queue: list[tuple[int, int, Pair]] = []

    def enter(left: int) -> None:
        if left >= 0 and after[left] < len(symbols):
            pair = symbols[left], symbols[after[left]]
            if pair in ranks:
                heapq.heappush(queue, (ranks[pair], left, pair))

    for place in range(len(symbols)):
        enter(place)
    while queue:
        _, left, pair = heapq.heappop(queue)
        right = after[left]
        if right == len(symbols) or (symbols[left], symbols[right]) != pair:
            continue  # one of the two was joined to another while they waited
        symbols[left], symbols[right] = pair[0] + pair[1], b""
        after[left] = after[right]
        if after[left] < len(symbols):
            before[after[left]] = left
        enter(before[left])
        enter(left)
    return [symbol for symbol in symbols if symbol]
