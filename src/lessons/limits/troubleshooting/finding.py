"""What a diagnostic says: whether something is wrong, and a sentence with the evidence."""

from typing import NamedTuple


class Finding(NamedTuple):
    """The answer of a diagnostic; `raised` means that it found its fault.

    >>> Finding(False, "each row of weights sums to one").raised
    False
    """

    raised: bool
    sentence: str
