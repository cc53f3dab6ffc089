"""What a recurrent mixer holds and keeps: a table of one size, however long the text is.

Three kinds stand in published models: two generations of Mamba, and the gated delta rule. Each
passes its inputs over a short convolution, whose last few inputs are kept as well.

References: :cite:t:`gu2023`, :cite:t:`dao2024ssm`, :cite:t:`yang2025`; transformers' modules and
caches, made on the device `meta`, are the tests' oracles.
"""

from dataclasses import dataclass

TAPS = 4  # the tokens that the short convolution of all these models sees


@dataclass(frozen=True)
class Recurrent:
    r"""A mixer that keeps a table of one size, and the last few inputs of a short convolution.

    Args:
        learned: Its parameters; :func:`mamba`, :func:`mamba2` and :func:`gated_delta` count them.
        state: The numbers in its table.
        channels: The numbers of a token that the convolution passes over.
        positions: Its order tells positions, so nothing is rotated.

    Source: :cite:t:`gu2023`, section 3.

    >>> Recurrent(0, state=1000, channels=10).kept(1)
    1040
    """

    learned: int
    state: int
    channels: int
    positions: bool = False

    def parameters(self, d_model: int) -> int:
        """Return how many numbers are learned."""
        return self.learned

    def kept(self, tokens: int) -> int:
        """Return how many numbers are kept: as many after one token as after a million."""
        return self.state + self.channels * TAPS


def mamba(d_model: int, *, d_inner: int, d_state: int, d_step: int) -> Recurrent:
    """Return Mamba's sizes, with the norms that Jamba adds.

    Args:
        d_model: The numbers in a token's vector.
        d_inner: The channels, each with a state of its own.
        d_state: The numbers in a channel's state.
        d_step: The numbers of which the step's length is made.

    Source: :cite:t:`gu2023`, section 3.4; :cite:t:`lieber2024`, section 2.

    >>> mamba(4096, d_inner=8192, d_state=16, d_step=256).state
    131072
    """
    projections = 3 * d_model * d_inner + (2 * d_step + 2 * d_state) * d_inner
    single = d_inner * (d_state + 3 + TAPS) + d_step + 2 * d_state
    return Recurrent(projections + single, d_inner * d_state, d_inner)


def mamba2(d_model: int, *, heads: int, d_head: int, d_state: int, groups: int) -> Recurrent:
    """Return Mamba-2's sizes.

    Args:
        d_model: The numbers in a token's vector.
        heads: Each has one number that says how fast it forgets.
        d_head: The channels of a head.
        d_state: The numbers in a channel's state.
        groups: How many heads share what writes to the state and reads it: heads / groups.

    Source: :cite:t:`dao2024ssm`, section 7.

    >>> mamba2(4096, heads=128, d_head=64, d_state=128, groups=8).state
    1048576
    """
    inner = heads * d_head
    channels = inner + 2 * groups * d_state
    projections = d_model * (2 * inner + channels + heads)
    single = channels * (TAPS + 1) + 3 * heads + inner
    return Recurrent(projections + single, inner * d_state, channels)


def gated_delta(d_model: int, *, key_heads: int, value_heads: int, d_head: int) -> Recurrent:
    """Return the sizes of a gated delta layer, as Qwen3-Next has it.

    Args:
        d_model: The numbers in a token's vector.
        key_heads: The heads of queries and keys.
        value_heads: The heads of values; each has a table of its own.
        d_head: The numbers in a head's key and in its value.

    Source: :cite:t:`yang2025`, section 3.

    >>> gated_delta(2048, key_heads=16, value_heads=32, d_head=128).state
    524288
    """
    values = value_heads * d_head
    channels = 2 * key_heads * d_head + values
    projections = d_model * (channels + 2 * values + 2 * value_heads)
    single = channels * TAPS + 2 * value_heads + d_head
    return Recurrent(projections + single, values * d_head, channels)
