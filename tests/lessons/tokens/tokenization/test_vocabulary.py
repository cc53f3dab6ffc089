import pytest

from lessons.tokens import Vocabulary


def test_ids_and_tokens():
    words = "the cat saw the dog".split()
    vocabulary = Vocabulary(words, unknown="[UNK]")
    assert vocabulary.tokens == ["[UNK]", "the", "cat", "saw", "dog"]
    assert len(vocabulary) == 5
    assert vocabulary.encode(words) == [1, 2, 3, 1, 4]
    assert vocabulary.decode(vocabulary.encode(words)) == words
    assert vocabulary.decode(vocabulary.encode(["the", "mouse"])) == ["the", "[UNK]"]


def test_without_an_unknown_token():
    vocabulary = Vocabulary("abc")
    assert vocabulary.encode("cab") == [2, 0, 1]
    with pytest.raises(ValueError, match="'d' is not in the vocabulary"):
        vocabulary.encode("abd")


def test_an_unknown_token_may_be_a_token():
    assert Vocabulary(["[UNK]", "a"], unknown="[UNK]").tokens == ["[UNK]", "a"]


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="pass at least one"):
        Vocabulary([])
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="pass ids below 3"):
            Vocabulary("abc").decode([wrong])
