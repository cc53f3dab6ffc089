"""Texts with labels: stacked, drawn, and scored where a label stands."""

import pytest
import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.adaptation import draw_texts, labeled_loss, stack
from lessons.families import from_transformers, small_decoder


def close(loss, expected):
    """Compare in the precision in which transformers takes the mean."""
    torch.testing.assert_close(loss.float(), expected, rtol=0, atol=1e-6)


def theirs():
    torch.manual_seed(0)
    config = GPT2Config(
        n_embd=8, n_head=2, n_layer=1, vocab_size=9, n_positions=8, bos_token_id=0, eos_token_id=0
    )
    return GPT2LMHeadModel(config).double().eval()


def test_the_loss_is_transformers_own():
    texts = stack([([1, 2, 3, 4], [-100, -100, 3, 4]), ([5, 6, 7], [-100, 6, 7])], filler=0)
    model = theirs()
    expected = model(texts.ids, labels=texts.labels).loss
    close(labeled_loss(model, texts), expected)
    close(labeled_loss(from_transformers(model).double(), texts), expected)


def test_what_is_not_labeled_is_not_scored():
    model = small_decoder(9, positions=8)
    one, longer = ([1, 2, 3], [-100, -100, 3]), ([4, 5, 6, 7, 8], [-100] * 4 + [8])
    alone, both = stack([one], filler=0), stack([one, longer], filler=0)
    assert torch.equal(both.ids[0], torch.tensor([1, 2, 3, 0, 0]))
    other = stack([([1, 2, 3, 5, 5], [-100, -100, 3, -100, -100])], filler=0)
    close(labeled_loss(model, other), labeled_loss(model, alone))
    means = [labeled_loss(model, stack([text], filler=0)) for text in (one, longer)]
    close(labeled_loss(model, both), sum(means) / 2)


def test_all_texts_are_drawn_and_labels_go_along():
    texts = stack([([n, n], [n, n]) for n in range(1, 5)], filler=0)
    drawn = draw_texts(texts, rows=200)(torch.Generator().manual_seed(0))
    assert torch.equal(drawn.ids, drawn.labels) and set(drawn.ids.flatten().tolist()) == {
        1,
        2,
        3,
        4,
    }


def test_it_refuses():
    for wrong in ([], [([1, 2], [1])]):
        with pytest.raises(ValueError, match="at least one text"):
            stack(wrong, filler=0)
    with pytest.raises(ValueError, match="all labels are masked"):
        stack([([1, 2], [1, -100])], filler=0)  # nothing foretells the first
    with pytest.raises(ValueError, match="no label is left"):
        labeled_loss(
            nn.Embedding(4, 4),
            stack([([1, 2], [1, 2])], filler=0)._replace(labels=torch.full((1, 2), -100)),
        )
