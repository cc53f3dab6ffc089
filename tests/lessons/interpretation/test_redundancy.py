"""Heads are silenced, what is left is measured, and the model comes back whole."""

import copy
from functools import partial

import pytest
import torch

from lessons.interpretation import (
    ablate_heads,
    edit_sites,
    heads_by_importance,
    mean_writing,
    record_heads,
    redundancy,
    similarity_without,
)
from lessons.models import sentence_vectors

SENTENCES = ["The bank of the river was crowded.", "She took a loan from the bank and left."]
LAYERS, HEADS = 6, 12


@pytest.fixture(scope="module")
def small(minilm):
    """Return MiniLM cut to its first two layers, in which few heads are ranked quickly."""
    model = copy.deepcopy(minilm.model)
    model.encoder.layer = model.encoder.layer[:2]
    model.config.num_hidden_layers = 2
    return type(minilm)("encoder", "wheel", model, minilm.tokenizer, "a part of MiniLM")


def every_head(layers: int = LAYERS) -> list[tuple[int, int]]:
    return [(layer, head) for layer in range(layers) for head in range(HEADS)]


def test_nothing_silenced_leaves_everything(minilm):
    assert similarity_without(minilm, [], SENTENCES) == pytest.approx(1, abs=1e-6)


def test_more_heads_silenced_leave_less(minilm):
    one = similarity_without(minilm, [(0, 0)], SENTENCES)
    every = similarity_without(minilm, every_head(), SENTENCES)
    assert -1 <= every < one < 1 - 1e-6
    assert every < 0.8


def test_similarity_is_the_mean_cosine(minilm):
    heads = every_head()[:30]
    before = sentence_vectors(minilm, SENTENCES)
    with ablate_heads(minilm.model, heads):
        after = sentence_vectors(minilm, SENTENCES)
    cosines = [float(a @ b) for a, b in zip(before, after, strict=True)]
    assert similarity_without(minilm, heads, SENTENCES) == pytest.approx(sum(cosines) / 2, abs=1e-6)


def test_model_is_unchanged_afterwards(minilm):
    weights = copy.deepcopy(minilm.model.state_dict())
    before = sentence_vectors(minilm, SENTENCES)
    similarity_without(minilm, every_head(), SENTENCES)
    assert torch.equal(sentence_vectors(minilm, SENTENCES), before)
    assert all(torch.equal(weights[name], new) for name, new in minilm.model.state_dict().items())
    assert not any(module._forward_pre_hooks for module in minilm.model.modules())


@pytest.mark.parametrize("heads", [[(LAYERS, 0)], [(0, HEADS)], [(-1, 0)]])
def test_a_head_that_does_not_exist_is_refused(minilm, heads):
    before = sentence_vectors(minilm, SENTENCES)
    with pytest.raises(ValueError, match=r"there is no (layer|head)"):
        similarity_without(minilm, heads, SENTENCES)
    assert torch.equal(sentence_vectors(minilm, SENTENCES), before)


def check_order(ranked: list[tuple[int, int]], kept: dict[tuple[int, int], float]) -> None:
    assert sorted(ranked) == sorted(kept)
    values = [kept[head] for head in ranked]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("silence", ["zeros", "means"])
def test_order_is_by_measured_importance(small, silence):
    instead = mean_writing(small, SENTENCES) if silence == "means" else None
    ranked = heads_by_importance(small, SENTENCES, instead=instead)
    kept = {
        head: similarity_without(small, [head], SENTENCES, instead=instead)
        for head in every_head(2)
    }
    check_order(ranked, kept)
    assert kept[ranked[0]] > kept[ranked[-1]]


def test_order_by_hand(small, monkeypatch):
    # The later a head, the less is lost with it; so the last is the least important.
    def made_up(model, measure, heads, *, instead):
        return {(layer, head): -(layer * HEADS + head) / 100 for layer, head in heads}

    monkeypatch.setattr(redundancy, "ablation_effects", made_up)
    assert heads_by_importance(small, SENTENCES) == every_head(2)[::-1]


def test_wrong_orders_are_caught():
    kept = {(0, 0): 0.9, (0, 1): 0.5, (1, 0): 0.7}
    check_order([(0, 0), (1, 0), (0, 1)], kept)
    for wrong in ([(0, 1), (1, 0), (0, 0)], [(0, 0), (0, 1), (1, 0)], [(0, 0), (1, 0)]):
        with pytest.raises(AssertionError):
            check_order(wrong, kept)


def test_a_mean_is_taken_over_real_tokens_and_written_at_every_token(minilm):
    means = mean_writing(minilm, SENTENCES)
    assert sorted(means) == every_head()
    rows = []
    for sentence in SENTENCES:  # one at a time: without padding
        with record_heads(minilm.model) as seen, torch.no_grad():
            minilm.model(**minilm.tokenizer(sentence, return_tensors="pt"))
        rows.append(seen[3, 7][0])
    torch.testing.assert_close(means[3, 7], torch.cat(rows).mean(dim=0), rtol=0, atol=1e-5)

    heads = [(3, 7), (0, 2)]
    with edit_sites(minilm.model, {head: partial(write_always, means[head]) for head in heads}):
        after = sentence_vectors(minilm, SENTENCES)
    cosine = (after * sentence_vectors(minilm, SENTENCES)).sum(dim=1).mean().item()
    left = similarity_without(minilm, heads, SENTENCES, instead=means)
    assert left == pytest.approx(cosine, abs=1e-6)
    assert left != pytest.approx(similarity_without(minilm, heads, SENTENCES), abs=1e-4)


def write_always(vector, values):
    return vector.expand_as(values)
