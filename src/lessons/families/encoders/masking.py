r"""Masked language modeling: hide some tokens, and ask for what was there.

BERT asks about 15 % of the tokens. Most of these it hides behind [MASK], some it exchanges for
a random token, some it leaves: the model can't tell a token that was left from one it is not
asked about, so it must make a good vector of every token.

Reference: :cite:t:`devlin2019`, section 3.1 and appendix A.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.families.objectives import IGNORED

MASKED, RANDOM, KEPT = range(3)


class Masked(NamedTuple):
    """What the model is shown, and what it is asked."""

    shown: Int[Tensor, "*batch"]
    labels: Int[Tensor, "*batch"]
    chosen: Bool[Tensor, "*batch"]


def choose_tokens(
    chance: Float[Tensor, "*batch"], *, special: Bool[Tensor, "*batch"], share: float = 0.15
) -> Bool[Tensor, "*batch"]:
    """Return which tokens the model is asked about: those whose chance is below the share.

    Args:
        chance: A number between 0 and 1 for each token, drawn at random.
        special: True for [CLS], [SEP] and padding, which are never asked about.
        share: The share of the other tokens that is asked about, on average. BERT's own code
            takes this share of each text, rounded; here each token is drawn by itself.

    Raises:
        ValueError: The share is not between 0 and 1.

    >>> choose_tokens(torch.tensor([0.01, 0.10, 0.90]), special=torch.tensor([True, False, False]))
    tensor([False,  True, False])
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share}: pass a number between 0 and 1, such as 0.15")
    return (chance < share) & ~special


def fates(chance: Float[Tensor, "*batch"]) -> Int[Tensor, "*batch"]:
    """Return what becomes of each token asked about: 80 % MASKED, 10 % RANDOM, 10 % KEPT.

    Args:
        chance: A number between 0 and 1 for each token, drawn at random.

    Source: :cite:t:`devlin2019`, section 3.1.

    >>> fates(torch.tensor([0.79, 0.85, 0.95]))
    tensor([0, 1, 2])
    """
    return (chance >= 0.8).long() + (chance >= 0.9).long()


def mask_tokens(
    ids: Int[Tensor, "*batch"],
    *,
    special: Bool[Tensor, "*batch"],
    mask: int,
    vocab: int,
    generator: torch.Generator,
    share: float = 0.15,
) -> Masked:
    """Corrupt a text for masked language modeling.

    Args:
        ids: The tokens.
        special: True for tokens that are never asked about.
        mask: The id of [MASK].
        vocab: How many tokens there are; a random one is any of them, the right one among them.
        generator: Where chance comes from.
        share: The share of tokens that is asked about.

    Raises:
        ValueError: The share is not between 0 and 1.

    Source: :cite:t:`devlin2019`, section 3.1.

    >>> text = torch.arange(5, 15)
    >>> masked = mask_tokens(text, special=text == 5, mask=4, vocab=20, share=0.5,
    ...                      generator=torch.Generator().manual_seed(0))
    >>> bool(((masked.labels == text) == masked.chosen).all())
    True
    """
    draw: dict[str, Any] = {"generator": generator, "device": ids.device}
    chosen = choose_tokens(torch.rand(ids.shape, **draw), special=special, share=share)
    fate = fates(torch.rand(ids.shape, **draw))
    random = torch.randint(vocab, ids.shape, **draw)
    shown = ids.masked_fill(chosen & (fate == MASKED), mask)
    shown = torch.where(chosen & (fate == RANDOM), random, shown)
    return Masked(shown, ids.masked_fill(~chosen, IGNORED), chosen)


def masked_loss(
    logits: Float[Tensor, "*batch vocab"], labels: Int[Tensor, "*batch"]
) -> Float[Tensor, ""]:
    r"""Return the mean cross-entropy over the tokens asked about, in nats.

    .. math:: L = -\frac{1}{|C|} \sum_{i \in C} \ln p(x_i \mid \tilde x)

    Args:
        logits: What the model guesses at each position.
        labels: The right token where the model is asked, `IGNORED` elsewhere.

    Raises:
        ValueError: The model is asked about no token.

    Source: :cite:t:`devlin2019`, section 3.1.

    >>> masked_loss(torch.zeros(3, 4), torch.tensor([IGNORED, 2, IGNORED]))  # ln 4
    tensor(1.3863)
    """
    asked = labels != IGNORED
    if not asked.any():
        raise ValueError("no token is asked about: draw again, or pass a longer text")
    return torch.nn.functional.cross_entropy(logits[asked], labels[asked])
