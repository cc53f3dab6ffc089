r"""A language model that counts longer runs: the best that is known of a text without learning.

References: :cite:t:`kneser1995`; :cite:t:`chen1999`, who compare ways to count.
"""

import math
from collections import Counter
from collections.abc import Iterator

from jaxtyping import Int
from torch import Tensor


def kneser_ney_loss(
    learned: Int[Tensor, " tokens"],
    rows: Int[Tensor, "rows length"],
    vocab: int,
    *,
    before: int,
    discount: float = 0.9,
) -> float:
    r"""Return the loss on rows of who counted what follows each run of tokens, in nats a token.

    .. math:: p_n(v \mid c) = \frac{\max(n_{cv} - d, 0) + d \, m_c \, p_{n-1}(v \mid c')}{n_c}

    Here :math:`m_c` tokens follow the run :math:`c`, and :math:`c'` is :math:`c` without its first
    token. Of the longest runs :math:`n` is how often they came; of a shorter run it is how many
    tokens came before it, for a token that always follows the same one is no good guess elsewhere.

    Args:
        learned: The text whose runs are counted.
        rows: The rows to foretell, each by itself: from its second token on.
        vocab: How many tokens there are.
        before: The tokens in the longest run.
        discount: :math:`d`, what each count gives away to the shorter runs.

    Raises:
        ValueError: A text has no next token, no run is as long, or the discount is not between
            0 and 1.

    Source: :cite:t:`kneser1995`, interpolated as in :cite:t:`chen1999`.

    >>> import torch
    >>> text = torch.tensor([0, 1, 1] * 300)  # after 0 1 comes 1, after 1 1 comes 0
    >>> round(kneser_ney_loss(text, text[None, :9], vocab=2, before=2, discount=0.5), 2)
    0.02
    """
    if not 1 <= before < len(learned) or rows.shape[1] < 2:
        raise ValueError(
            f"runs of {before} tokens, a text of {len(learned)}, rows of {rows.shape[1]}: "
            "pass runs of at least 1, a longer text, and rows of at least two tokens"
        )
    if not 0 < discount < 1:
        raise ValueError(f"discount is {discount}: pass a number between 0 and 1")
    counts = _counts(learned.tolist(), before)
    sums: list[Counter] = [Counter() for _ in counts]  # of how many tokens a run came before
    kinds: list[Counter] = [Counter() for _ in counts]  # of how many different ones
    for length, found in enumerate(counts):
        for run, count in found.items():
            sums[length][run[:-1]] += count
            kinds[length][run[:-1]] += 1
    lost = 0.0
    for row in rows.tolist():
        for at in range(1, len(row)):
            chance = 1 / vocab
            for length in range(min(at, before) + 1):
                run = tuple(row[at - length : at])
                if not (count := sums[length][run]):
                    break
                kept = max(counts[length][(*run, row[at])] - discount, 0)
                chance = (kept + discount * kinds[length][run] * chance) / count
            lost -= math.log(chance)
    return lost / rows[:, 1:].numel()


def _counts(text: list[int], before: int) -> list[Counter]:
    """Return for each length how much each run of a token and those before it counts."""

    def shorter() -> Iterator[Counter]:
        found = Counter(zip(*(text[at:] for at in range(before + 1)), strict=False))
        yield found
        for _ in range(before):
            found = Counter(run[1:] for run in found)  # each kind of token before it, once
            yield found

    return list(shorter())[::-1]
