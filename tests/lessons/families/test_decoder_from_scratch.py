"""The decoder that chapters train: its parts, its seed, and what the chapters claim of it."""

import copy
import functools
import statistics

import pytest
import torch
from jaxtyping import config

from lessons import models
from lessons.blocks import LayerNorm, post_norm, pre_norm
from lessons.families import next_token_loss, same_token_loss, small_decoder
from lessons.fit import fit
from lessons.generation import greedy

SEEDS = range(5)


def test_the_parts_are_what_was_asked_for():
    model = small_decoder(9, positions=5, d_model=12, heads=3, layers=2, residual=post_norm)
    assert [layer.residual for layer in model.layers] == [post_norm] * 2
    assert {layer.attention.heads for layer in model.layers} == {3}
    assert isinstance(model.norm, LayerNorm) and model.positions == 5
    assert model.unembed.weight is not model.embed.tokens.weight
    assert model(torch.tensor([[1, 2, 8]])).shape == (1, 3, 9)
    with pytest.raises(ValueError, match="5 positions"):
        model(torch.zeros(1, 6, dtype=torch.long))
    with pytest.raises(ValueError, match="equal heads"):
        small_decoder(9, positions=5, d_model=10, heads=3)


def test_the_seed_decides_the_weights_and_nothing_else_does():
    first = small_decoder(5, positions=4, d_model=8, heads=2).state_dict()
    torch.randn(3)
    again = small_decoder(5, positions=4, d_model=8, heads=2).state_dict()
    other = small_decoder(5, positions=4, d_model=8, heads=2, seed=1).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    drawn = [name for name in first if not torch.equal(first[name], other[name])]
    # All matrices; norms and biases start at ones and zeros.
    assert drawn == [name for name in first if first[name].dim() == 2]


def test_a_gradient_reaches_every_parameter():
    """All but the bias of the keys, to which the softmax is blind."""
    model = small_decoder(7, positions=6)
    ids = torch.randint(7, (8, 6), generator=torch.Generator().manual_seed(0))
    next_token_loss(model, ids).backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad.norm() > 1e-6) != name.endswith("to_key.bias"), name


# What the chapters claim of training, for five seeds each, with margin.


@pytest.fixture
def unchecked():
    """Train without checking shapes, which would take as long as the training itself."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


def end_of(losses, last=10):
    return statistics.mean(losses[-last:])


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("seed", SEEDS)
def test_warm_up_and_norm(seed):
    draw = functools.partial(models.sorting_rows, rows=32, digits=5)

    def trained(residual, warm_up):
        model = small_decoder(11, positions=11, d_model=32, layers=8, residual=residual, seed=seed)
        options = dict(steps=60, learning_rate=0.01, warm_up=warm_up, seed=seed)
        return end_of(fit(model, draw, next_token_loss, **options))

    assert trained(post_norm, 0) > 2.3
    assert trained(post_norm, 30) < 2.0
    assert trained(pre_norm, 0) < 1.8


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("seed", SEEDS)
def test_sorting(seed):
    model = small_decoder(11, positions=11, seed=seed)
    draw = functools.partial(models.sorting_rows, rows=32, digits=5)
    losses = fit(model, draw, next_token_loss, steps=200, learning_rate=0.01, seed=seed)
    test = models.sorting_rows(torch.Generator().manual_seed(99), rows=500, digits=5)
    answer = greedy(model, test[:, :6], max_new_tokens=5)
    exact = (answer == test[:, 6:]).all(dim=1).float().mean().item()
    floor = 4 * torch.tensor(10.0).log().item() / 10
    assert exact > 0.85 and floor - 0.01 < end_of(losses) < floor + 0.1


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("seed", SEEDS)
def test_agreement_fine_tuning_and_the_missing_shift(seed):
    sentences = models.agreement_sentences(3000)
    later = models.agreement_sentences(64, keep=models.has_relative_clause)
    ids = models.word_ids(sentences + later)
    rows = functools.partial(
        models.text_rows, text=models.running_text(sentences, ids), rows=32, length=10
    )
    few = functools.partial(
        models.text_rows, text=models.running_text(later, ids), rows=32, length=10
    )
    kinds = (models.one_noun_between, models.has_relative_clause)
    old, new = (models.held_out_rows(ids, keep=kind) for kind in kinds)

    def loss_on(model, held):
        with torch.no_grad():
            return next_token_loss(model, held).item()

    def empty(seed):
        return small_decoder(len(ids), positions=24, seed=seed)

    model = empty(seed)
    fit(model, rows, next_token_loss, steps=400, learning_rate=0.01, seed=seed)
    choices = models.agreement_choices(200, keep=models.one_noun_between)
    assert models.choices_right(model, choices, ids) > 0.88
    assert loss_on(model, old) < 0.6 * 3.6  # of the unigram entropy

    tuned, scratch = copy.deepcopy(model), empty(seed + 50)
    fit(tuned, few, next_token_loss, steps=40, learning_rate=0.003, seed=seed)
    fit(scratch, few, next_token_loss, steps=40, learning_rate=0.01, seed=seed)
    assert loss_on(tuned, new) < 0.8 * loss_on(scratch, new)
    assert loss_on(tuned, new) < 0.55 * loss_on(model, new)
    assert loss_on(tuned, old) > loss_on(model, old) + 0.3

    copier = empty(seed)
    wrong = fit(copier, rows, same_token_loss, steps=80, learning_rate=0.01, seed=seed)
    assert wrong[-1] < 0.03 and loss_on(copier, old) > 7
    prompt = torch.tensor([[0, ids["the"], ids["key"], ids["near"]]])
    assert (greedy(copier, prompt, max_new_tokens=6) == ids["near"]).all()
