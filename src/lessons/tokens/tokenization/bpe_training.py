r"""Byte-pair encoding, first stage: learn which pairs to merge.

The method comes from data compression (Gage, 1994); Sennrich and others brought it to
translation; GPT-2 began it with bytes, so that no text is unknown. To be read before
`lessons.tokens.tokenization.bytepair`, which applies what is learned here.
"""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from lessons.tokens.byte_tokens import single_bytes

Pair = tuple[bytes, bytes]
Symbols = tuple[bytes, ...]


def count_pairs(words: Mapping[Symbols, int]) -> Counter[Pair]:
    """Count how often each pair of neighboring symbols occurs.

    Args:
        words: From a word, cut into symbols, to how often it occurs.

    >>> count_pairs({(b"a", b"b", b"a"): 2})[b"b", b"a"]
    2
    """
    counts: Counter[Pair] = Counter()
    for symbols, times in words.items():
        for pair in itertools.pairwise(symbols):
            counts[pair] += times
    return counts


def merge_pair(symbols: Symbols, pair: Pair) -> Symbols:
    """Join each occurrence of a pair in a word, from left to right.

    >>> merge_pair((b"a", b"a", b"a"), (b"a", b"a"))
    (b'aa', b'a')
    """
    merged, place = [], 0
    while place < len(symbols):
        if symbols[place : place + 2] == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


def train_bpe(pieces: Iterable[str], *, vocab_size: int) -> list[Pair]:
    r"""Learn merges: again and again, join the most frequent pair of neighboring symbols.

    .. math:: (a, b) = \arg\max_{(a, b)} \sum_w n_w \cdot c_w(a, b)

    with :math:`n_w` the times that piece :math:`w` occurs and :math:`c_w` the places where it has
    the pair. Where several pairs are equally frequent, the one whose first symbol entered the
    vocabulary first is joined, then the one whose second symbol did.

    Args:
        pieces: The corpus, cut by :func:`~lessons.tokens.pieces.split_pieces` or
            otherwise.
        vocab_size: How many tokens to make, the 256 bytes included; fewer come out when
            no pair is left.

    Raises:
        ValueError: The vocabulary is smaller than 256.

    Source: :cite:t:`sennrich2016`, algorithm 1; on bytes, :cite:t:`radford2019`, section 2.2.

    >>> train_bpe(["cat", "cats", "cat", "bat", "bats"], vocab_size=258)
    [(b'a', b't'), (b'c', b'at')]
    """
    if vocab_size < 256:
        raise ValueError(f"vocab_size is {vocab_size}: pass at least 256, one for each byte")
    words = Counter(tuple(bytes([b]) for b in piece.encode()) for piece in pieces)
    ids = {token: place for place, token in enumerate(single_bytes())}
    counts, words_with = count_pairs(words), defaultdict(set)
    for symbols in words:
        for pair in itertools.pairwise(symbols):
            words_with[pair].add(symbols)

    def ranked(pair: Pair) -> tuple:
        return -counts[pair], ids[pair[0]], ids[pair[1]], pair

    queue, merges = [ranked(pair) for pair in counts], []
    heapq.heapify(queue)
    while len(ids) < vocab_size and queue:
        waiting, *_, pair = heapq.heappop(queue)
        if -waiting != counts[pair]:  # it has become rarer while it was waiting
            if counts[pair]:
                heapq.heappush(queue, ranked(pair))
            continue
        merges.append(pair)
        ids.setdefault(pair[0] + pair[1], len(ids))
        # Only the words with this pair change, so only their pairs are counted again.
        old = {word: words.pop(word) for word in words_with.pop(pair) if word in words}
        new = {merge_pair(word, pair): times for word, times in old.items()}
        words.update(new)
        counts.subtract(count_pairs(old))
        counts.update(count_pairs(new))
        for symbols in new:
            for made in itertools.pairwise(symbols):
                words_with[made].add(symbols)
        for made in count_pairs(new):
            heapq.heappush(queue, ranked(made))
    return merges
