"""A sentence's vector is the mean over its own tokens, whatever stands beside it in a batch."""

import pytest
import torch

from lessons.models import sentence_vectors

SENTENCES = ["The bank of the river was crowded.", "She took a loan from the bank and left."]


def test_vectors_are_means_over_real_tokens_of_length_one(minilm):
    vectors = sentence_vectors(minilm, SENTENCES)
    for vector, sentence in zip(vectors, SENTENCES, strict=True):
        # Alone a sentence has no padding; in a batch the padding must not count.
        batch = minilm.tokenizer(sentence, return_tensors="pt")
        with torch.no_grad():
            mean = minilm.model(**batch).last_hidden_state[0].mean(dim=0)
        torch.testing.assert_close(vector, mean / mean.norm(), rtol=0, atol=1e-5)
    assert not vectors.requires_grad


def test_padding_would_be_noticed(minilm):
    batch = minilm.tokenizer(SENTENCES, padding=True, return_tensors="pt")
    assert not batch.attention_mask.all(), "one of the sentences is padded"
    with torch.no_grad():
        careless = minilm.model(**batch).last_hidden_state.mean(dim=1)
    careless = torch.nn.functional.normalize(careless, dim=-1)
    assert not torch.allclose(careless, sentence_vectors(minilm, SENTENCES), atol=1e-3)


def test_no_sentence_is_refused_with_a_sentence(minilm):
    with pytest.raises(ValueError, match="sentence"):
        sentence_vectors(minilm, [])


def test_a_sentence_longer_than_the_encoder_is_told_and_one_as_long_is_read(minilm):
    assert sentence_vectors(minilm, ["word " * 510]).shape == (1, 384)  # and two marks
    with pytest.raises(ValueError, match="has 513 tokens, the encoder 512 positions: pass a sh"):
        sentence_vectors(minilm, ["One.", "word " * 511])
