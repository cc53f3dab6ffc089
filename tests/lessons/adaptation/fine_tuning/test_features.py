"""Features: the head on what was kept says and learns what the whole model's head does."""

import copy

import pytest
import torch

from lessons.adaptation import (
    Labeled,
    draw_features,
    draw_texts,
    extract_features,
    head_loss,
    labeled_loss,
    train_only,
    untie_head,
)
from lessons.families import small_decoder
from lessons.fit import fit

IDS = torch.randint(20, (30, 8), generator=torch.Generator().manual_seed(0))
TEXTS = Labeled(IDS, IDS.masked_fill(torch.arange(8) < 5, -100))


def check_same_training(extract):
    model = untie_head(small_decoder(20, positions=8))
    head, features = copy.deepcopy(model.unembed), extract(model, TEXTS)
    assert torch.allclose(head_loss(head, features), labeled_loss(model, TEXTS), atol=1e-6)
    train_only(model, ["unembed."])
    options = {"steps": 10, "learning_rate": 0.01}
    whole = fit(model, draw_texts(TEXTS, rows=4), labeled_loss, **options)
    kept = fit(head, draw_features(features, rows=4), head_loss, **options)
    assert torch.allclose(torch.tensor(whole), torch.tensor(kept), atol=1e-5)
    assert torch.allclose(model.unembed.weight, head.weight, atol=1e-4)


def test_features_train_the_same_head():
    check_same_training(extract_features)


def unshifted(model, texts):
    features = extract_features(model, texts)
    return features._replace(labels=texts.labels[:, :-1])


def without_the_norm(model, texts):
    features = extract_features(model, texts)
    return features._replace(states=model.stream(texts.ids).detach()[:, :-1])


@pytest.mark.parametrize("broken", [unshifted, without_the_norm])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_same_training(broken)


def test_an_untied_head_leaves_the_embedding_alone():
    model = small_decoder(20, positions=8)
    model.unembed.weight = model.embed.tokens.weight
    before = model(IDS)
    untie_head(model)
    assert torch.equal(model(IDS), before)
    assert model.unembed.weight.data_ptr() != model.embed.tokens.weight.data_ptr()
