"""Claims about heads, in words that can be read: "head 2.2 resolves pronouns"."""

import re
from dataclasses import dataclass

from lab.behaviors import BEHAVIORS

CLAIM = re.compile(r"head (\d+)\.(\d+) (.+)")


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


def read_claim(text: str) -> Claim:
    """Read a claim.

    Args:
        text: The word head, layer and head in digits with a point between, and a behavior of
            `BEHAVIORS`.

    Raises:
        ValueError: It is in another form, or there is no such behavior.

    >>> read_claim("Head 2.2  resolves pronouns.")
    Claim(layer=2, head=2, behavior='resolves pronouns')
    """
    found = CLAIM.fullmatch(" ".join(str(text).lower().split()).rstrip("."))
    if not found:
        raise ValueError(
            "this cannot be read: write the word head, layer and head in digits counted from 0, "
            f"and what it does, such as 'head 2.2 {next(iter(BEHAVIORS))}'"
        )
    layer, head, behavior = found.groups()
    if behavior not in BEHAVIORS:
        raise ValueError(
            f"what {behavior!r} means is not known here: the truth is known for "
            f"{', '.join(BEHAVIORS)}"
        )
    return Claim(int(layer), int(head), behavior)
