r"""Mixture of experts: many feed-forward networks, of which each token uses a few.

A router scores the experts for each token; the best `chosen` of them work, and their results
are added, weighted by the router. The model has the parameters of all experts, and does the
operations of a few.

References: :cite:t:`shazeer2017`; :cite:t:`jiang2024` and :cite:t:`deepseekv3`, whose routers in
transformers are the tests' oracles; :cite:t:`deepseek2024` for experts that all tokens share.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def route(
    scores: Float[Tensor, "*batch experts"], chosen: int
) -> tuple[Float[Tensor, "*batch chosen"], Int[Tensor, "*batch chosen"]]:
    r"""Choose the experts with the highest scores; return their shares and their numbers.

    .. math:: g = \operatorname{softmax}(s_{i_1}, \dots, s_{i_k})

    Args:
        scores: What the router says for each token and each expert.
        chosen: How many experts work for a token.

    Raises:
        ValueError: There are not that many experts.

    Source: :cite:t:`jiang2024`, section 2.1.

    >>> route(torch.tensor([1.0, 3.0, 3.0]), 2)
    (tensor([0.5000, 0.5000]), tensor([1, 2]))
    """
    if not 1 <= chosen <= scores.shape[-1]:
        raise ValueError(
            f"{chosen} of {scores.shape[-1]} experts cannot be chosen: pass 1 to {scores.shape[-1]}"
        )
    best = scores.topk(chosen, dim=-1)
    return best.values.softmax(dim=-1), best.indices


def route_with_offset(
    scores: Float[Tensor, "*batch experts"], offset: Float[Tensor, " experts"], chosen: int
) -> tuple[Float[Tensor, "*batch chosen"], Int[Tensor, "*batch chosen"]]:
    r"""Choose by sigmoid and offset; share by the sigmoid alone: DeepSeek-V3's router.

    .. math:: \text{chosen} = \operatorname{topk}(\sigma(s) + b), \qquad
        g_e = \frac{\sigma(s_e)}{\sum_{i \in \text{chosen}} \sigma(s_i)}

    The offset evens the load out and leaves alone what an expert's answer counts. (The published
    model chooses among groups of experts first, and multiplies the shares by a constant.)

    Args:
        scores: What the router says for each token and each expert.
        offset: What is added for each expert when it is chosen or not, and at no other place.
        chosen: How many experts work for a token.

    Raises:
        ValueError: There are not that many experts.

    Source: :cite:t:`deepseekv3`, equations 13, 15 and 16.

    >>> route_with_offset(torch.zeros(3), torch.tensor([0.0, 0.2, 0.1]), 2)
    (tensor([0.5000, 0.5000]), tensor([1, 2]))
    """
    affinity = scores.sigmoid()
    _, numbers = route(affinity + offset, chosen)
    shares = affinity.gather(-1, numbers)
    return shares / shares.sum(dim=-1, keepdim=True), numbers


def even_out(
    offset: Float[Tensor, " experts"], load: Float[Tensor, " experts"], *, speed: float
) -> Float[Tensor, " experts"]:
    r"""Raise the offset of experts with less than the mean load, lower that of busier ones.

    Source: :cite:t:`deepseekv3`, section 2.1.2.

    >>> even_out(torch.zeros(3), torch.tensor([0.5, 0.5, 0.0]), speed=0.1)
    tensor([-0.1000, -0.1000,  0.1000])
    """
    return offset + speed * (load.mean() - load).sign()


class MixtureOfExperts(nn.Module):
    r"""Feed-forward networks behind a router, and perhaps some that every token uses.

    .. math:: y = \sum_{e \in \text{chosen}} g_e\, \operatorname{FFN}_e(x)
        + \sum_{e \in \text{shared}} \operatorname{FFN}_e(x)

    Args:
        d_model: The numbers in a token's vector.
        experts: The networks that the router chooses from.
        chosen: How many of them work for a token.
        shared: Networks that work for every token.

    Source: :cite:t:`jiang2024`, section 2.1; :cite:t:`deepseek2024`, equation 20.

    >>> layer = MixtureOfExperts(4, [nn.Identity(), nn.Identity()], chosen=1)
    >>> layer(torch.ones(1, 3, 4)).equal(torch.ones(1, 3, 4))
    True
    """

    def __init__(
        self,
        d_model: int,
        experts: Iterable[nn.Module],
        *,
        chosen: int,
        shared: Iterable[nn.Module] = (),
    ):
        super().__init__()
        self.experts = nn.ModuleList(experts)
        self.shared = nn.ModuleList(shared)
        self.to_scores = nn.Linear(d_model, len(self.experts), bias=False)
        self.chosen = chosen

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Treat each token by itself, with its own experts."""
        shares, numbers = self.choose(self.to_scores(x))
        output = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            mine = numbers == number
            rows = mine.any(dim=-1)
            if rows.any():  # only the tokens that chose this expert pass through it
                share = (shares * mine).sum(dim=-1)[rows]
                output[rows] = output[rows] + share[..., None] * expert(x[rows])
        for expert in self.shared:
            output = output + expert(x)
        return output

    def choose(
        self, scores: Float[Tensor, "*batch experts"]
    ) -> tuple[Float[Tensor, "*batch chosen"], Int[Tensor, "*batch chosen"]]:
        """Return shares and numbers of the experts that work; another router overrides this."""
        return route(scores, self.chosen)


def load_of(numbers: Int[Tensor, "*batch chosen"], experts: int) -> Float[Tensor, " {experts}"]:
    """Return the share of all choices that falls to each expert; even is 1 / experts.

    >>> load_of(torch.tensor([[0, 1], [0, 2]]), 4)
    tensor([0.5000, 0.2500, 0.2500, 0.0000])
    """
    return numbers.flatten().bincount(minlength=experts) / numbers.numel()
