"""A word's vectors are those of the model, and they lean to the sense that is nearer."""

import math

import pytest
import torch

from lessons.interpretation import (
    leaning,
    leaning_in_frames,
    moved_by_fillers,
    sense_vector,
    word_vectors,
)

SENTENCE = "The bank of the river was crowded, but the financial bank was empty"
LAYERS = 6


@pytest.mark.parametrize(
    ("vector", "wanted"),
    [
        ([3.0, 4.0], 3 / 5 - 4 / 5),  # cosines 3/5 and 4/5: nearer to the second
        ([4.0, 3.0], 4 / 5 - 3 / 5),
        ([1.0, 1.0], 0.0),
        ([5.0, 0.0], 1.0),
        ([-5.0, 0.0], -1.0),
    ],
)
def test_leaning_by_hand(vector, wanted):
    # The senses point along the axes; their lengths do not count.
    toward, against = torch.tensor([[2.0, 0.0], [0.0, 7.0]], dtype=torch.float64)
    vector = torch.tensor(vector, dtype=torch.float64)
    assert leaning(vector, toward, against).item() == pytest.approx(wanted, abs=1e-12)


def test_leaning_is_turned_around_with_the_senses():
    generator = torch.Generator().manual_seed(0)
    x, a, b = torch.randn(3, 4, 5, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(leaning(x, a, b), -leaning(x, b, a), rtol=0, atol=1e-12)
    torch.testing.assert_close(leaning(3 * x, a, b), leaning(x, a, b), rtol=0, atol=1e-12)
    assert leaning(x, a, a).abs().max() == 0


def test_difference_of_dot_products_is_no_leaning():
    x, a, b = torch.tensor([[1.0, 1.0], [2.0, 0.0], [0.0, 7.0]], dtype=torch.float64)
    assert x @ a - x @ b != 0
    assert leaning(x, a, b) == 0


def test_vectors_of_each_occurrence_in_each_layer(minilm):
    vectors = word_vectors(minilm, SENTENCE, "bank")
    batch = minilm.tokenizer(SENTENCE, return_tensors="pt")
    words = minilm.tokenizer.convert_ids_to_tokens(batch.input_ids[0])
    places = [place for place, word in enumerate(words) if word == "bank"]
    assert len(places) == 2
    assert vectors.shape == (2, LAYERS + 1, minilm.model.config.hidden_size)
    with torch.no_grad():
        last = minilm.model(**batch).last_hidden_state[0]
        first = minilm.model.embeddings(batch.input_ids)[0]
    for vector, place in zip(vectors, places, strict=True):
        torch.testing.assert_close(vector[-1], last[place], rtol=0, atol=1e-6)
        torch.testing.assert_close(vector[0], first[place], rtol=0, atol=1e-6)
    assert not torch.allclose(vectors[0, -1], vectors[1, -1], atol=1e-2)


def test_no_gradient_is_kept(minilm):
    assert not word_vectors(minilm, SENTENCE, "bank").requires_grad


@pytest.mark.parametrize("word", ["banks", "Bank", "", "crowd", "the bank"])
def test_a_word_that_does_not_occur_is_refused(minilm, word):
    with pytest.raises(ValueError, match=r"is none of the tokens \['\[CLS\]', 'the', 'bank'"):
        word_vectors(minilm, SENTENCE, word)


def test_sense_is_the_mean_over_all_occurrences(minilm):
    sentences = ["The bank and the bank.", "A bank."]
    found = sense_vector(minilm, sentences, "bank")
    three = torch.cat([word_vectors(minilm, one, "bank") for one in sentences])
    assert len(three) == 3
    torch.testing.assert_close(found, three.sum(dim=0) / 3, rtol=0, atol=1e-6)


def test_sense_needs_the_word_in_each_sentence(minilm):
    with pytest.raises(ValueError, match="'bank' is none of the tokens"):
        sense_vector(minilm, ["A bank.", "A river."], "bank")


def test_sense_needs_a_sentence(minilm):
    with pytest.raises(ValueError, match="sentence"):
        sense_vector(minilm, [], "bank")


def test_context_moves_a_word_to_its_sense(minilm):
    river = sense_vector(minilm, ["He fished from the bank of the river."], "bank")
    money = sense_vector(minilm, ["The bank lent her the money."], "bank")
    lean = leaning(word_vectors(minilm, SENTENCE, "bank"), river, money)
    assert lean.shape == (2, LAYERS + 1)
    # Both start as the same row of the table; then the river's moves to the river.
    assert math.isclose(lean[0, 0], lean[1, 0], abs_tol=0.05)
    assert (lean[0, 2:] > lean[1, 2:] + 0.02).all()


def test_leaning_in_frames_is_the_mean_over_the_fillers(minilm):
    senses = torch.randn(2, LAYERS + 1, 384, generator=torch.Generator().manual_seed(0))
    frame, first, second = "The bank of the {} and the {} bank", ("river", "state"), ("old", "new")
    found = leaning_in_frames(minilm, frame, first, second, "bank", tuple(senses))
    each = [
        leaning(word_vectors(minilm, f"The bank of the {one} and the {two} bank", "bank"), *senses)
        for one in first
        for two in second
    ]
    assert found.shape == (2, LAYERS + 1)
    torch.testing.assert_close(found, sum(each) / 4, rtol=0, atol=1e-6)
    assert not torch.allclose(found, each[0], atol=1e-3)


def test_moved_by_fillers_changes_one_blank_at_a_time(minilm):
    senses = tuple(torch.randn(2, LAYERS + 1, 384, generator=torch.Generator().manual_seed(0)))
    frame, fillers = "the {} bank and the {} bank", (["river"], ["old"], ["state"])
    moved = moved_by_fillers(minilm, frame, fillers, "bank", senses)
    assert moved.shape == (2, 2, LAYERS + 1)
    for blank, pattern in enumerate(
        ("the {} bank and the old bank", "the old bank and the {} bank")
    ):
        wet, dry = (
            leaning(word_vectors(minilm, pattern.format(word), "bank"), *senses)
            for word in ("river", "state")
        )
        torch.testing.assert_close(moved[:, blank], wet - dry, rtol=0, atol=1e-6)


def test_a_blank_without_filler_is_refused(minilm):
    senses = torch.zeros(LAYERS + 1, 384), torch.zeros(LAYERS + 1, 384)
    with pytest.raises(ValueError, match="no filler"):
        leaning_in_frames(minilm, "the {} bank {}", [], ["old"], "bank", senses)
