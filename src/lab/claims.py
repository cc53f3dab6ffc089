"""Claims about heads, in words that can be read: "head 2.2 resolves pronouns"."""

import re
from dataclasses import dataclass

from lab.behaviors import BEHAVIORS

# "head 1.1", "head 1,1", "layer 1 head 1", "L1H1", "1.1": layer and head, however they are written
HEAD = re.compile(
    r"\bl(?:ayer)?\s*(\d+)\s*[,.]?\s*h(?:ead)?\s*(\d+)\b|\b(?:heads?\s*)?(\d+)\s?[.,]\s?(\d+)\b"
)


@dataclass(frozen=True)
class Claim:
    """A head, both numbers counted from 0, and the behavior that it is said to have."""

    layer: int
    head: int
    behavior: str

    @property
    def text(self) -> str:
        """The claim as one writes it.

        >>> Claim(2, 2, "resolves pronouns").text
        'head 2.2 resolves pronouns'
        """
        return f"head {self.layer}.{self.head} {self.behavior}"


def heads_named(text: str) -> list[str]:
    """Return the heads that a text names, as layer.head, each once.

    >>> heads_named("L1H1 and head 2,3; layer 0 head 2 hardly, with a weight of 0.54")
    ['1.1', '2.3', '0.2', '0.54']
    """
    found = ([number for number in one if number] for one in HEAD.findall(str(text).lower()))
    return list(dict.fromkeys(f"{layer}.{head}" for layer, head in found))


def read_claim(text: str) -> Claim:
    """Read a claim.

    Args:
        text: Layer and head in digits, as "head 1.1", "layer 1 head 1" or "L1H1", and a behavior
            of `BEHAVIORS`.

    Raises:
        ValueError: It is in another form, or there is no such behavior.

    >>> read_claim("Head 2.2  resolves pronouns.")
    Claim(layer=2, head=2, behavior='resolves pronouns')
    """
    words = " ".join(str(text).lower().split()).rstrip(" .!")
    found = HEAD.match(words)
    if not found:
        raise ValueError(
            "this cannot be read: write layer and head in digits counted from 0, "
            f"and what it does, such as 'head 2.2 {next(iter(BEHAVIORS))}'"
        )
    layer, head = (number for number in found.groups() if number is not None)
    behavior = words[found.end() :].strip(" :,")
    if behavior not in BEHAVIORS:
        raise ValueError(
            f"what {behavior!r} means is not known here: the truth is known for "
            f"{', '.join(BEHAVIORS)}"
        )
    return Claim(int(layer), int(head), behavior)
