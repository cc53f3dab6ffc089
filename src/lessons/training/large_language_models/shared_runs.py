r"""Texts that stand twice, or nearly: overlap of pieces, and a short signature that estimates it.

References: :cite:t:`broder1997` (MinHash); :cite:t:`lee2022` (for training data).
"""

import hashlib
from collections.abc import Collection, Sequence
from itertools import combinations

import torch
from jaxtyping import Int64
from torch import Tensor

PRIME = 2**31 - 1  # products of two smaller numbers fit into 64 bits


def shingles(text: str, *, words: int = 3) -> frozenset[str]:
    """Return all runs of so many words of a text; of a shorter text, the text.

    >>> sorted(shingles("a rose is a rose is a rose"))
    ['a rose is', 'is a rose', 'rose is a']
    """
    found = text.split()
    last = max(1, len(found) - words + 1)
    return frozenset(" ".join(found[at : at + words]) for at in range(last))


def jaccard(one: Collection[str], other: Collection[str]) -> float:
    r"""Return the share of two texts' pieces that both have.

    .. math:: J = \frac{|A \cap B|}{|A \cup B|}

    Raises:
        ValueError: Both have none.

    Source: :cite:t:`broder1997`.

    >>> jaccard({"a", "b", "c"}, {"b", "c", "d"})
    0.5
    """
    union = set(one) | set(other)
    if not union:
        raise ValueError("two texts without any piece: pass at least one piece")
    return len(set(one) & set(other)) / len(union)


def minhash(pieces: Collection[str], *, size: int = 64, seed: int = 0) -> Int64[Tensor, " size"]:
    r"""Return the signature of a text: for each of some orders of all pieces, its first piece.

    .. math:: m_k = \min_{p} \; (a_k h(p) + b_k) \;\operatorname{mod}\; P

    Two texts agree at a place with a probability of (nearly) their overlap.

    Args:
        pieces: The text's.
        size: How many numbers the signature has.
        seed: Decides the orders; only signatures of one seed can be compared.

    Raises:
        ValueError: There is no piece, or no number.

    Source: :cite:t:`broder1997`.

    >>> torch.equal(minhash({"a", "b"}), minhash({"b", "a"}))
    True
    """
    if not pieces or size < 1:
        raise ValueError(f"{len(pieces)} pieces, {size} numbers: pass at least one of each")
    chance = torch.Generator().manual_seed(seed)
    factors, offsets = torch.randint(1, PRIME, (2, size, 1), generator=chance)
    hashed = torch.tensor([_hash(piece) for piece in pieces])
    return ((factors * hashed + offsets) % PRIME).amin(dim=1)


def _hash(piece: str) -> int:
    """Python's own hash differs from process to process."""
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest()) % PRIME


def near_pairs(signatures: Sequence[Int64[Tensor, " size"]], *, bands: int) -> set[tuple[int, int]]:
    """Return pairs of texts whose signatures agree in a whole band: who is worth a comparison.

    Texts are compared with those in the same bucket alone, not each with each.

    Args:
        signatures: One for each text.
        bands: Into how many bands a signature is cut; more bands find less similar pairs.

    Raises:
        ValueError: The bands do not divide a signature.

    Source: :cite:t:`lee2022`, section 4.2.

    >>> rows = torch.tensor([[1, 2, 3, 4], [1, 2, 9, 9], [7, 8, 9, 5]])
    >>> near_pairs(list(rows), bands=2)
    {(0, 1)}
    """
    if any(bands < 1 or len(one) % bands for one in signatures):
        raise ValueError(f"{bands} bands: pass a number that divides the length of a signature")
    buckets: dict[tuple, list[int]] = {}
    for text, signature in enumerate(signatures):
        for band, rows in enumerate(signature.chunk(bands)):
            buckets.setdefault((band, *rows.tolist()), []).append(text)
    return {pair for texts in buckets.values() for pair in combinations(texts, 2)}
