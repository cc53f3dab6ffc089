"""The limitations that an observation can be linked to, each with its section of the book."""

from collections.abc import Mapping

SITE = "https://attention-under-the-hood.github.io/book/"
PAGE = f"{SITE}book/limits/limitations.html"
# The name of each limitation, and its section on the page about limitations.
LIMITATIONS = {
    "ambiguity": "undecidable-pronoun",
    "long-range dependencies": "context-and-distance",
    "head noise": "head-noise",
    "cost": "memory-counted",
    "sequential decoding": "sequential-decoding",
    "calibration": "measured-calibration",
    "data hunger": "data-hunger",
}


def address(name: str) -> str:
    """Return the address of a limitation's section.

    >>> address("head noise").split("/")[-1]
    'limitations.html#head-noise'
    """
    return f"{PAGE}#{LIMITATIONS[name]}"


def link_problems(links: Mapping, wanted: set[int]) -> list[str]:
    """Say which observations have no limitation, and which limitations are not known.

    Args:
        links: From a step's number (or text) to a limitation's name.
        wanted: The steps that have an observation.

    >>> link_problems({"1": "noise"}, {1, 2})[1]
    'link the observation of step 2 to a limitation'
    """
    named = {str(step): str(name).strip().lower() for step, name in links.items()}
    known = ", ".join(LIMITATIONS)
    unknown = [
        f"step {step} is linked to {name!r}: choose one of {known}"
        for step, name in named.items()
        if name not in LIMITATIONS
    ]
    return unknown + [
        f"link the observation of step {step} to a limitation"
        for step in sorted(wanted)
        if str(step) not in named
    ]
