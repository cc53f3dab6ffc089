"""A decoder of another vocabulary is examined like the chapter's own."""

import pytest
import torch

from lessons.blocks import scaled_scores
from lessons.families import from_transformers, small_decoder
from lessons.limits import (
    LetterReader,
    Parts,
    Patient,
    forget_positions,
    heeds_padding,
    ignores_order,
    reads_the_future,
    rows_miss_one,
    scores_miss_scale,
    softmax_over_queries,
)
from lessons.positions import Alibi, Rotary, rotate_neighbors

CHECKS = (reads_the_future, rows_miss_one, scores_miss_scale, heeds_padding, ignores_order)


@pytest.fixture
def decoder():
    return small_decoder(40, d_model=8, heads=2, layers=2, positions=20)


def test_a_healthy_decoder_raises_nothing(decoder):
    reader = LetterReader(decoder, range(20, 37))
    assert not any(examine(reader).raised for examine in CHECKS)
    ids, none = torch.tensor([[1, 2, 3]]), torch.tensor([0])
    assert torch.allclose(reader(ids, none), decoder(ids + 20))


def test_a_planted_fault_is_found(decoder):
    for layer in decoder.layers:
        layer.attention.normalize = softmax_over_queries
    assert rows_miss_one(LetterReader(decoder, range(20, 37))).raised


def test_rotary_positions_do_not_show_in_a_text_of_one_letter(decoder):
    with torch.no_grad():
        decoder.embed.positions.table.weight.zero_()
    for layer in decoder.layers:
        layer.attention.place = Rotary(rotate=rotate_neighbors)
    reader = LetterReader(decoder, range(20, 37))
    assert ignores_order(reader).raised  # a false alarm, as the chapter says


@pytest.mark.parametrize("place", ["vectors", "scores"])
def test_positions_show_in_a_text_of_one_letter_where_vectors_have_them(place):
    def compare(query, key):
        tokens = key.shape[-2]
        return scaled_scores(query, key) + Alibi(heads=2)(tokens, tokens)

    parts = Parts() if place == "vectors" else Parts(compare=compare, place=forget_positions)
    model, none = Patient(parts, layers=1), torch.tensor([0])  # one layer: no order by the mask
    swapped = torch.tensor([[1, 2, 3, 4], [2, 1, 3, 4]])
    with torch.no_grad():
        first, second = model(swapped, none.repeat(2))[:, -1]
    assert (first - second).abs().max() > 0.01  # order counts
    assert ignores_order(model).raised == (place == "scores")  # a false alarm


@pytest.mark.slow
def test_a_grouped_query_model_is_well_but_for_that_alarm(smollm2):
    reader = LetterReader(from_transformers(smollm2.model).double(), range(300, 317))
    raised = [examine.__name__ for examine in CHECKS if examine(reader).raised]
    assert raised == ["ignores_order"]
