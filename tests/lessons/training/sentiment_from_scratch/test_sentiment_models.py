"""The classifiers: padding is silent, order counts for one and not for the other."""

import pytest
import torch
from torch import nn

from lessons.training import Bag, DroppedResidual, SentimentEncoder, mean_of_visible, padded
from lessons.training.sentiment_from_scratch.review_words import PAD

SHORT, LONG = [5, 6, 7], [8, 5, 6, 7, 5, 8]


def models():
    torch.manual_seed(0)
    bag = Bag(9)
    nn.init.normal_(bag.votes.weight)
    return [SentimentEncoder(9, positions=8).double().eval(), bag.double()]


def check_padding_is_silent(model):
    alone, beside = model(padded([SHORT])), model(padded([SHORT, LONG]))[:1]
    torch.testing.assert_close(alone, beside, atol=1e-12, rtol=0)


@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_padding_is_silent(model):
    check_padding_is_silent(model)


def test_a_model_that_reads_padding_is_caught():
    class Reads(SentimentEncoder):
        def forward(self, ids):
            return super().forward(ids.masked_fill(ids == PAD, 0))

    with pytest.raises(AssertionError):
        check_padding_is_silent(Reads(9, positions=8).double().eval())


def test_order_counts_for_the_encoder_alone():
    encoder, bag = models()
    one, other = padded([LONG]), padded([LONG[::-1]])
    assert (encoder(one) - encoder(other)).abs().max() > 1e-3
    torch.testing.assert_close(bag(one), bag(other), atol=1e-12, rtol=0)


def test_a_bag_by_hand():
    bag = Bag(9)
    with torch.no_grad():
        bag.votes.weight[5], bag.votes.weight[PAD] = torch.tensor([1.0, -2.0]), 99.0
        bag.bias.copy_(torch.tensor([0.5, 0.0]))
    assert bag(torch.tensor([[5, 5, 6, PAD]])).tolist() == [[2.5, -4.0]]


def test_dropout_is_in_training_only():
    residual, x = DroppedResidual(0.5), torch.ones(200)
    double = nn.Identity(), nn.Identity()
    assert residual.eval()(x, *double).tolist() == [2.0] * 200
    torch.manual_seed(0)
    assert set(residual.train()(x, *double).tolist()) == {1.0, 3.0}


def test_the_mean_is_of_visible_ones():
    x = torch.randn(2, 3, 4, dtype=torch.float64)
    visible = torch.tensor([[True, True, False], [True, True, True]])
    expected = torch.stack([x[0, :2].mean(dim=0), x[1].mean(dim=0)])
    torch.testing.assert_close(mean_of_visible(x, visible), expected, atol=1e-12, rtol=0)


def test_a_text_longer_than_the_model_is_refused():
    with pytest.raises(ValueError, match="the text has 9 tokens, the model 8 positions"):
        SentimentEncoder(9, positions=8)(padded([[5] * 9]))


def test_the_seed_decides_the_weights():
    first, again, other = (SentimentEncoder(9, positions=8, seed=seed) for seed in (0, 0, 1))
    for name, weights in first.state_dict().items():
        assert torch.equal(weights, again.state_dict()[name])
    assert not torch.equal(first.embed.tokens.weight, other.embed.tokens.weight)
