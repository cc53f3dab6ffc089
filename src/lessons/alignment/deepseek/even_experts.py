r"""Experts whose load is kept even while they learn: by an offset, or by a term of the loss.

References: :cite:t:`deepseekv3`, section 2.1.2; :cite:t:`wang2024`, who compare the two ways;
:cite:t:`fedus2022` for the term.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.blocks import GatedFeedForward, silu
from lessons.families import (
    DecoderOnly,
    MixtureOfExperts,
    even_out,
    load_of,
    next_token_loss,
    route_with_offset,
    small_decoder,
)


class EvenExperts(MixtureOfExperts):
    r"""A mixture of experts with DeepSeek-V3's router, which keeps the load even as it learns.

    Each time it reads a batch in training it notes the load, and moves the offset for the next.

    Args:
        d_model: The numbers in a token's vector.
        experts: The networks that the router chooses from.
        chosen: How many of them work for a token.
        shared: Networks that work for every token.
        speed: How far an offset moves in a step; 0 leaves all at 0.

    Source: :cite:t:`deepseekv3`, equations 12 to 16.

    >>> layer = EvenExperts(4, [nn.Identity() for _ in range(3)], chosen=2, speed=0.1)
    >>> out = layer(torch.ones(1, 5, 4))
    >>> sorted(layer.offset.tolist())[0] < 0 < sorted(layer.offset.tolist())[-1]
    True
    """

    def __init__(
        self,
        d_model: int,
        experts: Iterable[nn.Module],
        *,
        chosen: int,
        shared: Iterable[nn.Module] = (),
        speed: float,
    ):
        super().__init__(d_model, experts, chosen=chosen, shared=shared)
        self.speed = speed
        count = len(self.experts)
        self.offset: Tensor
        self.register_buffer("offset", torch.zeros(count))
        self.load = torch.full((count,), 1 / count)
        self.scores = torch.zeros(0, count)

    def choose(
        self, scores: Float[Tensor, "*batch experts"]
    ) -> tuple[Float[Tensor, "*batch chosen"], Int[Tensor, "*batch chosen"]]:
        """Choose by sigmoid and offset, share by the sigmoid alone."""
        shares, numbers = route_with_offset(scores, self.offset, self.chosen)
        self.scores, self.load = scores, load_of(numbers, len(self.experts))
        if self.training:
            self.offset = even_out(self.offset, self.load, speed=self.speed)
        return shares, numbers


def balance_loss(
    scores: Float[Tensor, "*batch experts"], load: Float[Tensor, " experts"]
) -> Float[Tensor, ""]:
    r"""Return the older term: 1 where all are asked alike, more where busy ones are asked more.

    .. math:: N \sum_e f_e P_e, \qquad P_e = \text{the mean of } s_e / \textstyle\sum_i s_i

    Args:
        scores: What the router says for each token and each expert.
        load: :math:`f`, the share of all choices that falls to each expert.

    Source: :cite:t:`fedus2022`, equations 4 to 6, with sigmoids :math:`s` as in
        :cite:t:`deepseekv3`, equations 17 to 20.

    >>> balance_loss(torch.zeros(5, 4), torch.full((4,), 0.25))
    tensor(1.)
    """
    affinity = scores.sigmoid()
    asked = (affinity / affinity.sum(dim=-1, keepdim=True)).flatten(0, -2).mean(dim=0)
    return len(load) * (load * asked).sum()


def expert_decoder(
    vocab: int,
    *,
    positions: int,
    d_model: int = 48,
    experts: int = 8,
    chosen: int = 2,
    d_ff: int = 32,
    speed: float = 0.0,
    seed: int = 0,
) -> DecoderOnly:
    """Return an untrained decoder of two layers, whose second one has experts and a shared one.

    Args:
        vocab: How many tokens there are.
        positions: The longest text, in tokens.
        d_model: The numbers in a token's vector.
        experts: How many the router chooses from.
        chosen: How many of them work for a token.
        d_ff: An expert's hidden numbers.
        speed: How far an offset moves in a step.
        seed: Decides the weights.

    >>> model = expert_decoder(9, positions=4, experts=3)
    >>> experts_of(model).load
    tensor([0.3333, 0.3333, 0.3333])
    """
    model = small_decoder(vocab, positions=positions, d_model=d_model, seed=seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = [GatedFeedForward(d_model, d_ff, silu) for _ in range(experts + 1)]
        model.layers[1].feed_forward = EvenExperts(
            d_model, networks[1:], chosen=chosen, shared=networks[:1], speed=speed
        )
    return model


def experts_of(model: DecoderOnly) -> EvenExperts:
    """Return the experts of a decoder's last layer.

    Raises:
        ValueError: It has none.

    >>> experts_of(expert_decoder(9, positions=4)).chosen
    2
    """
    found = model.layers[-1].feed_forward
    if not isinstance(found, EvenExperts):
        raise ValueError("the last layer has no experts: pass what expert_decoder returns")
    return found


def balanced_loss(
    model: DecoderOnly,
    ids: Int[Tensor, "batch tokens"],
    *,
    weight: float = 0.0,
    seen: list[float] | None = None,
) -> Float[Tensor, ""]:
    """Return the loss on texts, and a share of the term that keeps the load even.

    Args:
        model: What :func:`expert_decoder` returns.
        ids: The texts.
        weight: What the term counts; 0 leaves it out.
        seen: A list to which the load of the busiest expert is added, in units of an even one.

    Source: :cite:t:`fedus2022`, equation 4.

    >>> busiest = []
    >>> model = expert_decoder(9, positions=4, experts=4, chosen=4)
    >>> balanced_loss(model, torch.tensor([[1, 2, 3]]), seen=busiest).shape, busiest
    (torch.Size([]), [1.0])
    """
    loss, layer = next_token_loss(model, ids), experts_of(model)
    if seen is not None:
        seen.append(layer.load.max().item() * len(layer.load))
    return loss + weight * balance_loss(layer.scores, layer.load) if weight else loss


@torch.no_grad()
def rise_without(model: DecoderOnly, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, " experts"]:
    """Return how much the loss rises, in nats a token, as each expert is never chosen any more.

    The next best expert takes its place.

    >>> rise_without(expert_decoder(9, positions=4, experts=3), torch.tensor([[1, 2, 3]])).shape
    torch.Size([3])
    """
    layer, rises = experts_of(model), []
    whole, kept = next_token_loss(model, ids), layer.offset
    for number in range(len(kept)):
        layer.offset = kept.index_fill(0, torch.tensor(number), -9.0)
        rises.append(next_token_loss(model, ids) - whole)
    layer.offset = kept
    next_token_loss(model, ids)  # so that the load is that of all experts again
    return torch.stack(rises)
