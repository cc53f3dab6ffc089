"""Choosing: what a task needs, what a model offers, and what speaks against it.

First come the hard requirements, which rule models out; what is left is compared by cost and by
quality, measured on data of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """What a model offers.

    Args:
        writes: What comes out: "labels" (a class for a text or for each token), "text", "images".
        parameters: How many; None where it is not published.
        context: The longest text, in tokens; None where it is not published.
        open_weights: Whether the weights can be run on one's own machines.
    """

    writes: frozenset[str]
    parameters: int | None
    context: int | None
    open_weights: bool


@dataclass(frozen=True)
class Need:
    """What a task needs.

    Args:
        writes: What must come out.
        tokens: The longest text that must be read and written at once.
        in_house: Whether the texts must not leave the house.
        memory: Bytes that the weights may take; None: no limit.
    """

    writes: str
    tokens: int
    in_house: bool
    memory: int | None = None


def weight_bytes(parameters: int, *, bits: int = 16) -> int:
    """Return the bytes that weights take, without activations and caches.

    >>> weight_bytes(8_030_261_248) / 1e9
    16.060522496
    """
    if parameters < 1 or bits < 1:
        raise ValueError("pass at least one parameter and one bit")
    return -(-parameters * bits // 8)


def objections(offer: Offer, need: Need) -> list[str]:
    """Return what speaks against a model for a task; an empty list, if nothing does.

    >>> bert = Offer(frozenset({"labels"}), 110_000_000, 512, open_weights=True)
    >>> objections(bert, Need("text", tokens=300, in_house=True))
    ['writes no text']
    """
    found = []
    if need.writes not in offer.writes:
        found.append(f"writes no {need.writes}")
    if offer.context is not None and need.tokens > offer.context:
        found.append(f"reads {offer.context:,} tokens at most")
    if need.in_house and not offer.open_weights:
        found.append("runs on its maker's machines only")
    if need.memory is not None and offer.parameters is not None:
        gigabytes = weight_bytes(offer.parameters) / 1e9
        if gigabytes * 1e9 > need.memory:
            found.append(f"takes {gigabytes:.0f} GB")
    return found


def shortlist(offers: Mapping[str, Offer], need: Need) -> list[str]:
    """Return the models that nothing speaks against, the one with the fewest parameters first.

    >>> small = Offer(frozenset({"text"}), 8, 100, open_weights=True)
    >>> large = Offer(frozenset({"text"}), 70, 100, open_weights=True)
    >>> shortlist({"large": large, "small": small}, Need("text", tokens=10, in_house=False))
    ['small', 'large']
    """
    left = [name for name, offer in offers.items() if not objections(offer, need)]
    return sorted(left, key=lambda name: offers[name].parameters or float("inf"))
