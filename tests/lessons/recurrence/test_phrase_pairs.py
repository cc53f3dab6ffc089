import random

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.recurrence import batch_of, draw_batch, fragment, phrase_words as lexicon
from lessons.recurrence.phrase_pairs import Pair, chain, joined, noun_phrase, small_talk
from lessons.recurrence.word_ids import END, PAD, START, Vocabulary, join, split
from support import caught_by, few

FIXED = {
    ",": ",", "?": "?", "and": "et", "how": "comment", "you": "ça", "where": "où",
    "weather": "temps",
}  # fmt: skip


def renderings(word):
    """Return every French word that may render an English one, by the lexicons."""
    found = {FIXED.get(word)} | {"le" if word == "the" else None}
    found |= {"va", "sont"} if word == "are" else {"est"} if word == "is" else set()
    for table in lexicon.ALL:
        found |= set(table.get(word, "").split())
    return found - {None}


def drawn(seed, count):
    rng = random.Random(seed)
    return [small_talk(rng) if rng.random() < 0.4 else chain(rng, count) for _ in range(8)]


def check_each_word_is_aligned_to_a_word_that_it_renders(pairs):
    for pair in pairs:
        assert len(pair.target) == len(pair.alignment)
        for word, place in zip(pair.target, pair.alignment, strict=True):
            assert word in renderings(pair.source[place]), pair


def check_each_source_word_is_rendered(pairs):
    for pair in pairs:
        assert set(pair.alignment) == set(range(len(pair.source))), pair


def check_words_of_one_noun_stand_in_order(pairs):
    for pair in pairs:
        text = " ".join(pair.target)
        for noun in ("pommes de terre", "lunettes de soleil"):
            assert text.count(noun.split()[0]) == text.count(noun), pair


def check_adjectives_follow_their_noun(pairs):
    for pair in pairs:
        for word, place in zip(pair.source, range(len(pair.source)), strict=True):
            if word in lexicon.ADJECTIVES and pair.source[0] != "the" and "is" not in pair.source:
                own, noun = pair.alignment.index(place), pair.alignment.index(place + 1)
                assert noun < own, pair


def diagonal(pair):
    last = len(pair.source) - 1
    return pair._replace(alignment=tuple(min(i, last) for i in range(len(pair.target))))


def word_order_of_english(pair):
    order = sorted(range(len(pair.target)), key=lambda i: pair.alignment[i])
    return Pair(
        pair.source,
        tuple(pair.target[i] for i in order),
        tuple(pair.alignment[i] for i in order),
    )


def backwards(pair):
    return Pair(pair.source, pair.target[::-1], pair.alignment[::-1])


def without_the_last(pair):
    return Pair(pair.source, pair.target[:-1], pair.alignment[:-1])


CATCHES = {
    check_each_word_is_aligned_to_a_word_that_it_renders: [diagonal],
    check_each_source_word_is_rendered: [without_the_last],
    check_words_of_one_noun_stand_in_order: [backwards],
    check_adjectives_follow_their_noun: [word_order_of_english, backwards],
}


@pytest.mark.parametrize("check", CATCHES)
@few
@given(seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_pairs(check, seed, count):
    check(drawn(seed, count))


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_wrong_pairs_are_caught(check, mutant):
    with pytest.raises(AssertionError):
        check([mutant(pair) for pair in drawn(seed=1, count=6)])


def test_a_noun_phrase_by_hand():
    pair = joined(
        [Pair(("my",), ("mes",), (0,)), Pair(("red", "cars"), ("voitures", "rouges"), (1, 0))]
    )
    assert pair == Pair(("my", "red", "cars"), ("mes", "voitures", "rouges"), (0, 2, 1))


def test_every_kind_of_noun_phrase_is_drawn():
    rng = random.Random(0)
    drawn = [noun_phrase(rng, lexicon.LIVING).source for _ in range(400)]
    shares = [sum(len(words) == n for words in drawn) / 400 for n in (2, 3, 4)]
    assert 0.12 < shares[0] < 0.28 and 0.42 < shares[1] < 0.58 and 0.22 < shares[2] < 0.38


def test_no_phrase_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        chain(random.Random(0), 0)


@few
@given(seed=st.integers(0, 2**32))
def test_all_words_are_known_and_come_back(seed):
    english, french = fragment()
    for pair in drawn(seed, 3):
        assert english.decode(english.encode(pair.source)) == list(pair.source)
        assert french.decode(french.encode(pair.target)) == list(pair.target)


def test_the_words_of_the_book_s_two_sentences_are_known():
    english, french = fragment()
    for sentence in ("Hello, how are you?", "The weather is nice today"):
        english.encode(split(sentence))
    for sentence in ("Bonjour, comment ça va ?", "Le temps est agréable aujourd'hui"):
        assert join(french.decode(french.encode(split(sentence)))) == sentence


def test_an_unknown_word_is_named():
    with pytest.raises(ValueError, match="'zebra' is unknown"):
        Vocabulary(["cat"]).encode(["cat", "zebra"])


def test_markers_have_the_first_ids():
    vocabulary = Vocabulary(["b", "a", "b"])
    assert (PAD, START, END) == (0, 1, 2) and len(vocabulary) == 5
    assert vocabulary.encode(["a", "b"]) == [3, 4, 2]
    assert vocabulary.decode([4, 2, 3]) == ["b"]
    assert vocabulary.decode([4]) == ["b"]


def test_a_batch_by_hand():
    english, french = Vocabulary(["red", "cars"]), Vocabulary(["voitures", "rouges"])
    pairs = [Pair(("red", "cars"), ("voitures", "rouges"), (1, 0)), Pair((), (), ())]
    batch = batch_of(pairs, english, french)
    assert batch.source.tolist() == [[4, 3, 2], [2, 0, 0]]
    assert batch.previous.tolist() == [[1, 4, 3], [1, 0, 0]]
    assert batch.following.tolist() == [[4, 3, 2], [2, 0, 0]]
    assert batch.alignment.tolist() == [[1, 0, 2], [0, -1, -1]]


def test_a_batch_is_decided_by_its_generator():
    one, same, other = (
        draw_batch(generator, size=8, phrases=[1, 2], talk=0.5)
        for generator in (seeded(3), seeded(3), seeded(4))
    )
    assert one.source.equal(same.source) and one.alignment.equal(same.alignment)
    assert not (one.source.shape == other.source.shape and one.source.equal(other.source))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_small_talk_and_numbers_of_phrases_are_as_asked():
    english, _ = fragment()
    verbs = {english.ids[verb] for verb in lexicon.VERBS}
    talk = draw_batch(seeded(0), size=50, phrases=[2], talk=1.0).source
    clauses = draw_batch(seeded(0), size=50, phrases=[2, 3]).source
    assert not any(verbs & set(row) for row in talk.tolist())
    assert all(len([i for i in row if i in verbs]) == 1 for row in clauses.tolist())
    linked = sum(english.ids["and"] in row for row in clauses.tolist())
    assert 10 < linked < 40


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least one pair"):
        batch_of([])
