"""What a feed-forward network holds, and how much of it works for one token.

References: :cite:t:`shazeer2017`, :cite:t:`shazeer2020`; transformers' modules, made on the device
`meta`, are the tests' oracle.
"""

from dataclasses import dataclass

MATRICES = 3  # of a gated network


@dataclass(frozen=True)
class Dense:
    """A gated feed-forward network that all tokens use.

    Args:
        d_ff: Its hidden numbers; 0 for a layer that has none.

    Source: :cite:t:`shazeer2020`, equation 6.

    >>> Dense(10).parameters(4), Dense(10).resting(4)
    (120, 0)
    """

    d_ff: int

    def parameters(self, d_model: int) -> int:
        """Return how many numbers are learned."""
        return MATRICES * d_model * self.d_ff

    def resting(self, d_model: int) -> int:
        """Return how many of them do nothing for one token."""
        return 0


@dataclass(frozen=True)
class Experts:
    """Gated networks behind a router, and perhaps one that all tokens use.

    Args:
        number: The experts that the router chooses from.
        chosen: How many of them work for a token.
        d_ff: An expert's hidden numbers.
        shared: The hidden numbers of what every token uses.
        shared_gate: Whether a gate says how much the shared one counts.
        bias: Whether the router and the experts have biases.

    Source: :cite:t:`shazeer2017`, section 2; :cite:t:`deepseek2024`, equation 20.

    >>> layer = Experts(8, 2, 10)
    >>> layer.parameters(4), layer.resting(4)
    (992, 720)
    """

    number: int
    chosen: int
    d_ff: int
    shared: int = 0
    shared_gate: bool = False
    bias: bool = False

    def parameters(self, d_model: int) -> int:
        """Return how many numbers are learned."""
        router = self.number * (d_model + self.bias)
        shared = MATRICES * d_model * self.shared + d_model * self.shared_gate
        return router + shared + self.number * self._one(d_model)

    def resting(self, d_model: int) -> int:
        """Return how many of them do nothing for one token."""
        return (self.number - self.chosen) * self._one(d_model)

    def _one(self, d_model: int) -> int:
        return MATRICES * d_model * self.d_ff + (2 * self.d_ff + d_model) * self.bias
