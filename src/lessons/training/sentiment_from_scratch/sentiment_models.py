r"""Three classifiers of texts: a transformer, and a bag whose tokens each have a vote.

References: :cite:t:`vaswani2017`, section 3.1, for the encoder; :cite:t:`wang2012`, for bags of
words and of pairs as baselines that are hard to beat.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, gelu, xavier
from lessons.families import Embedding
from lessons.positions import LearnedPositions
from lessons.training.dropped_residual import DroppedResidual
from lessons.training.sentiment_from_scratch.review_words import PAD


def mean_of_visible(
    x: Float[Tensor, "batch tokens d_model"], visible: Bool[Tensor, "batch tokens"]
) -> Float[Tensor, "batch d_model"]:
    r"""Return the mean of each text's vectors, without those of padding.

    .. math:: \bar x = \frac{\sum_t v_t x_t}{\sum_t v_t}

    Args:
        x: The vectors.
        visible: :math:`v`, True where a token is no padding.

    >>> mean_of_visible(torch.tensor([[[2.0], [4.0], [9.0]]]), torch.tensor([[True, True, False]]))
    tensor([[3.]])
    """
    counted = visible[..., None].to(x.dtype)
    return (x * counted).sum(dim=1) / counted.sum(dim=1)


class SentimentEncoder(nn.Module):
    """A transformer encoder that reads a text, and a linear layer on the mean of its vectors.

    Args:
        vocab: How many tokens there are.
        positions: The longest text, in tokens.
        d_model: The numbers in a token's vector.
        heads: The heads of each layer.
        layers: The number of blocks.
        share: Which share dropout takes away.
        seed: Decides the weights.

    >>> SentimentEncoder(9, positions=8)(torch.tensor([[5, 6, 7], [8, 1, 1]])).shape
    torch.Size([2, 2])
    """

    def __init__(
        self,
        vocab: int,
        *,
        positions: int,
        d_model: int = 32,
        heads: int = 4,
        layers: int = 2,
        share: float = 0.1,
        seed: int = 0,
    ):
        super().__init__()
        places = LearnedPositions(positions, d_model)
        self.embed = Embedding(vocab, d_model, positions=places)
        self.layers = nn.ModuleList(
            EncoderBlock(
                Attention(d_model, heads),
                FeedForward(d_model, 2 * d_model, gelu),
                norm=lambda: LayerNorm(d_model),
                residual=DroppedResidual(share),
            )
            for _ in range(layers)
        )
        self.norm, self.to_answer = LayerNorm(d_model), nn.Linear(d_model, 2)
        generator = torch.Generator().manual_seed(seed)
        for table in (self.embed.tokens, places.table):
            nn.init.normal_(table.weight, std=0.5, generator=generator)
        xavier(self, generator=generator)

    def forward(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch 2"]:
        """Return a logit for *not positive* and one for *positive*; padding changes nothing."""
        visible = ids != PAD
        stream = self.embed(ids)
        for layer in self.layers:
            stream = layer(stream, visible=visible[:, None, None])
        return self.to_answer(mean_of_visible(self.norm(stream), visible))


class Bag(nn.Module):
    r"""Each token has a vote for each answer, wherever it stands, and the votes are added.

    .. math:: z = b + \sum_t w_{x_t}

    Args:
        vocab: How many tokens there are.

    Source: :cite:t:`wang2012`, whose bags these are, with votes that are learned together.

    >>> Bag(9)(torch.tensor([[5, 6, 7], [8, 1, 1]]))
    tensor([[0., 0.],
            [0., 0.]], grad_fn=<AddBackward0>)
    """

    def __init__(self, vocab: int):
        super().__init__()
        self.votes = nn.Embedding(vocab, 2)
        self.bias = nn.Parameter(torch.zeros(2))
        nn.init.zeros_(self.votes.weight)

    def forward(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch 2"]:
        """Return the sums."""
        counted = (ids != PAD)[..., None].to(self.bias.dtype)
        return self.bias + (self.votes(ids) * counted).sum(dim=1)
