"""A language whose entropy is what the best reader of its texts pays."""

import pytest
import torch

from lessons.training import pair_language


def test_words_are_as_frequent_and_follow_each_other_as_the_table_says():
    language = pair_language(vocab=4)
    text = language.draw(5000, 5, torch.Generator().manual_seed(0))
    for place in (0, 4):  # the frequencies are those of a long text, so they stay
        shares = torch.bincount(text[:, place], minlength=4) / 5000
        assert (shares - language.frequencies).abs().max() < 0.03
    pairs = torch.zeros(4, 4).index_put(
        (text[:, :-1].flatten(), text[:, 1:].flatten()), torch.ones(()), accumulate=True
    )
    assert (pairs / pairs.sum(dim=1, keepdim=True) - language.chances).abs().max() < 0.04


def test_the_entropy_is_the_loss_of_who_knows_the_table():
    language = pair_language()
    text = language.draw(3000, 16, torch.Generator().manual_seed(1))
    losses = -language.chances[text[:, :-1], text[:, 1:]].log()
    assert losses.mean().item() == pytest.approx(language.entropy(), abs=0.03)


def test_a_few_rules_explain_much():
    """The logits' singular values fall like 1/k, but for the mean that a softmax cannot see."""
    logits = pair_language(spread=2.0).chances.log()
    values = torch.linalg.svdvals(logits - logits.mean(dim=1, keepdim=True))
    shares = values[:10] / values[0]
    assert (shares * torch.arange(1, 11) - 1).abs().max() < 0.2
    assert pair_language(spread=0.0).entropy() == pytest.approx(torch.tensor(64.0).log().item())


@pytest.mark.parametrize("sizes", [{"vocab": 1}, {"spread": -1.0}])
def test_no_language_is_refused(sizes):
    with pytest.raises(ValueError, match="pass at least two"):
        pair_language(**sizes)
