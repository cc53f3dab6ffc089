"""The book's tokenizers: one word, one token, nothing unknown in its own corpus."""

import random

import pytest

from lessons.models import grammar
from lessons.models.grammar import corpus
from lessons.models.making import word_tokenizer


@pytest.fixture(scope="module")
def english():
    return word_tokenizer.make_tokenizer(
        "encoder", word_tokenizer.words_of("encoder"), max_length=64
    )


@pytest.fixture(scope="module")
def both():
    words = word_tokenizer.words_of("translator")
    return word_tokenizer.make_tokenizer("translator", words, max_length=64)


@pytest.mark.parametrize("kind", [*corpus.KINDS, "repeat"])
def test_one_word_is_one_known_token(english, kind):
    rng = random.Random(7)
    for split in ("train", "test"):
        for _ in range(100):
            one = grammar.finish(grammar.sentence(kind, split, rng))
            assert english.tokenize(one.text) == list(one.tokens)
            assert english.unk_token_id not in english(one.text).input_ids


@pytest.mark.parametrize("kind", corpus.TRANSLATED)
def test_french_survives_the_round_trip(both, kind):
    rng = random.Random(7)
    for split in ("train", "test"):
        for _ in range(100):
            one = grammar.finish(grammar.translation(kind, split, rng))
            ids = both(one.text).input_ids
            assert len(ids) == len(one.target) + 1 and both.unk_token_id not in ids
            assert both.decode(ids, skip_special_tokens=True) == one.text


def test_ordinary_spelling_is_read(english):
    assert english.tokenize("The animal didn't cross Tom's street, because it was too tired.") == (
        "the animal did not cross tom 's street , because it was too tired .".split()
    )


def test_special_tokens_stand_where_the_real_models_put_them(english, both):
    tokens = english.convert_ids_to_tokens(english("tom sleeps").input_ids)
    assert tokens == ["[CLS]", "tom", "sleeps", "[SEP]"]
    assert both.convert_ids_to_tokens(both("thank you tom").input_ids)[-1] == "</s>"
    decoder = word_tokenizer.make_tokenizer("decoder", ["tom"], max_length=8)
    assert decoder.convert_ids_to_tokens(decoder("tom").input_ids) == ["tom"]


def test_unknown_words_become_unk(english):
    assert english.tokenize("the dinosaur") == ["the", "[UNK]"]


def test_a_wrong_name_names_the_right_ones():
    with pytest.raises(ValueError, match="encoder, decoder, translator"):
        word_tokenizer.make_tokenizer("sorcerer", [], max_length=8)
