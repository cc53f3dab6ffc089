r"""A small decoder-only transformer whose parts can be exchanged one by one.

The blocks are the book's own; what is faulty comes in through
:class:`~lessons.limits.parts.Parts`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, gelu, pre_norm
from lessons.fit import fit
from lessons.limits.parts import Parts
from lessons.limits.saying_again import LETTERS, draw_texts


class Patient(nn.Module):
    """A decoder-only transformer made of given parts.

    Args:
        parts: What it is made of.
        seed: Decides the first weights.
        d_model: The numbers in a token's vector.
        heads: The heads of each layer.
        layers: The layers.
        longest: The longest text, in tokens.

    >>> Patient(Parts())(torch.tensor([[0, 3, 4]]), torch.tensor([1])).shape
    torch.Size([1, 3, 17])
    """

    def __init__(
        self,
        parts: Parts,
        *,
        seed: int = 0,
        d_model: int = 32,
        heads: int = 2,
        layers: int = 2,
        longest: int = 16,
    ):
        super().__init__()
        self.parts = parts
        self.tokens = nn.Embedding(LETTERS + 1, d_model)
        self.positions = nn.Embedding(longest, d_model)
        self.layers = nn.ModuleList(self._layer(d_model, heads) for _ in range(layers))
        self.norm = LayerNorm(d_model)
        self.unembed = nn.Linear(d_model, LETTERS + 1, bias=False)
        self._draw_weights(torch.Generator().manual_seed(seed))

    def forward(
        self, ids: Int[Tensor, "batch tokens"], padding: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch tokens vocab"]:
        """Return the logits of the next token at each place; `padding` counts the left ones."""
        tokens = ids.shape[1]
        places = (torch.arange(tokens, device=padding.device) - padding[:, None]).clamp(min=0)
        stream = self.parts.place(self.tokens(ids), self.positions(places))
        for layer in self.layers:
            stream = layer(stream, visible=self.parts.mask(tokens, padding))
        return self.unembed(self.norm(stream))

    def _layer(self, d_model: int, heads: int) -> EncoderBlock:
        compare, normalize = self.parts.compare, self.parts.normalize
        attention = Attention(d_model, heads, compare=compare, normalize=normalize)
        feed = FeedForward(d_model, 4 * d_model, gelu)
        return EncoderBlock(attention, feed, norm=lambda: LayerNorm(d_model), residual=pre_norm)

    @torch.no_grad()
    def _draw_weights(self, generator: torch.Generator) -> None:
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                self.parts.start(parameter, generator)
            elif name.endswith("bias"):
                parameter.zero_()


def loss_of(model: Patient, batch: tuple[Tensor, Tensor]) -> Float[Tensor, ""]:
    """Return the mean loss of a batch in nats a prediction, by the model's own targets.

    >>> from lessons.limits.saying_again import draw_texts
    >>> batch = draw_texts(torch.Generator().manual_seed(0))
    >>> 2.5 < loss_of(Patient(Parts()), batch).item() < 3.8
    True
    """
    ids, padding = batch
    labels = model.parts.targets(ids, padding)
    return F.cross_entropy(model(ids, padding).flatten(0, 1), labels.flatten())


def train(
    parts: Parts, *, steps: int = 200, seed: int = 0, draw: Callable = draw_texts
) -> tuple[Patient, list[float]]:
    """Train a model made of these parts on texts that say letters again; return both.

    Args:
        parts: What it is made of.
        steps: Batches of 32 texts.
        seed: Decides the first weights and the texts.
        draw: From a generator to a batch.

    >>> model, losses = train(Parts(), steps=2)
    >>> len(losses)
    2
    """
    model = Patient(parts, seed=seed)
    rate = parts.learning_rate
    return model, fit(model, draw, loss_of, steps=steps, learning_rate=rate, seed=seed)
