"""A soft prompt: words' own vectors are a plain prompt, and nothing else learns."""

import copy

import pytest
import torch

from lessons.adaptation import Prompted, SoftPrompt, trained_count
from lessons.families import Embedding, small_decoder

IDS = torch.randint(20, (3, 5), generator=torch.Generator().manual_seed(0))


def check_a_plain_prompt(prompted_by):
    """Vectors of words do what these words do before the text."""
    model = small_decoder(20, positions=8).double()
    prompted = prompted_by(copy.deepcopy(model), places=2).double()
    words = torch.tensor([4, 7])
    prompted.model.embed.vectors.data = model.embed.tokens.weight[words].detach().clone()
    expected = model(torch.cat([words.expand(3, 2), IDS], dim=1))[:, 2:]
    assert torch.allclose(prompted(IDS), expected, atol=1e-10)


class Shortened(Prompted):
    """A slip: the prompt takes the place of the text's first words."""

    def forward(self, ids):
        return self.model(ids)


def test_words_vectors_are_a_plain_prompt():
    check_a_plain_prompt(Prompted)


def test_a_prompt_in_place_of_words_is_caught():
    with pytest.raises(AssertionError):
        check_a_plain_prompt(Shortened)


def test_only_the_prompt_learns():
    prompted = Prompted(small_decoder(20, positions=8), places=3)
    size = prompted.model.embed.vectors.shape
    assert size[0] == 3 and trained_count(prompted) == size.numel()
    prompted(IDS).square().mean().backward()
    assert prompted.model.embed.vectors.grad.abs().min() > 0
    assert prompted.model.unembed.weight.grad is None
    other = Prompted(small_decoder(20, positions=8), places=3, seed=1)
    assert not torch.equal(other.model.embed.vectors, prompted.model.embed.vectors)


def test_it_refuses():
    with pytest.raises(ValueError, match="places is 0"):
        Prompted(small_decoder(20, positions=8), places=0)
    embed = SoftPrompt(Embedding(5, 2), torch.ones(3, 2))
    with pytest.raises(ValueError, match="3 of them the prompt's"):
        embed(torch.zeros(1, 3, dtype=torch.long))
    assert embed(torch.zeros(1, 1, dtype=torch.long), start=4).shape == (1, 1, 2)
