r"""A soft prompt: vectors that no word has, learned, before a text that a frozen model reads.

Reference: :cite:t:`lester2021`.
"""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.adaptation.trained_parts import train_only
from lessons.families import DecoderOnly, Embedding


class SoftPrompt(nn.Module):
    """An embedding that gives the first places of each text learned vectors.

    Args:
        base: The model's embedding.
        start: The vectors to begin with.

    >>> embed = SoftPrompt(Embedding(5, 2), torch.ones(1, 2))
    >>> embed(torch.tensor([[4, 3]]))[0, 0]
    tensor([1., 1.], grad_fn=<SelectBackward0>)
    """

    def __init__(self, base: Embedding, start: Float[Tensor, "places d_model"]):
        super().__init__()
        self.base = base
        self.vectors = nn.Parameter(start.detach().clone())

    def forward(
        self, ids: Int[Tensor, "batch tokens"], *, start: int = 0
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Return the vectors of a text; whatever ids stand at the first places, they are not read.

        Raises:
            ValueError: The text has no more tokens than the prompt has places.
        """
        places = len(self.vectors)
        if start == 0 and ids.shape[1] <= places:
            raise ValueError(
                f"the text has {ids.shape[1]} tokens, {places} of them the prompt's: begin it with "
                "the prompt's places, and words after them"
            )
        vectors = self.base.tokens(ids) * self.base.scale
        if start == 0:
            prompt = self.vectors.expand(len(ids), -1, -1)
            vectors = torch.cat([prompt, vectors[:, places:]], dim=1)
        return self.base.positions(vectors, start=start) if self.base.positions else vectors


class Prompted(nn.Module):
    """A frozen decoder that reads a soft prompt before each text, and learns nothing else.

    Args:
        model: It is changed in place: frozen, its embedding within a :class:`SoftPrompt`.
        places: How many vectors; they begin as those of some words.
        seed: Decides which words.

    Raises:
        ValueError: There is no place.
    """

    def __init__(self, model: DecoderOnly, *, places: int, seed: int = 0):
        super().__init__()
        if places < 1:
            raise ValueError(f"places is {places}: pass at least 1")
        train_only(model, ())
        embedding = cast(Embedding, model.embed)
        table = embedding.tokens.weight
        generator = torch.Generator().manual_seed(seed)
        words = torch.randint(len(table), (places,), generator=generator)
        model.embed = SoftPrompt(embedding, table[words])
        self.model, self.places = model, places

    def forward(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch tokens vocab"]:
        """Return the logits at the text's own tokens."""
        before = nn.functional.pad(ids, (self.places, 0))  # ids that nobody reads
        return self.model(before)[:, self.places :]
