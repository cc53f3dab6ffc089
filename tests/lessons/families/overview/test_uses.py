"""What encoders are used for, and how a model is chosen: by hand, and against broken variants."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.families import (
    Need,
    Offer,
    bag_of_words,
    centrality,
    extract,
    leave_one_out,
    nearest_mean,
    objections,
    sense_examples,
    share_found,
    shortlist,
    weight_bytes,
)
from lessons.families.encoders.sense_sentences import SENTENCES
from support import few, same

# The nearest mean


@few
@given(st.integers(1, 4), st.integers(2, 6), st.integers(0, 99))
def test_nearest_mean_is_the_largest_cosine(texts, examples, seed):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(texts, 3, generator=generator, dtype=torch.float64)
    known = torch.randn(examples, 3, generator=generator, dtype=torch.float64)
    labels = [5 * (place % 2) for place in range(examples)]
    means = {}
    for label in set(labels):
        mine = [row for row, its in zip(known, labels, strict=True) if its == label]
        means[label] = sum(mine) / len(mine)
    for vector, found in zip(vectors, nearest_mean(vectors, known, labels).tolist(), strict=True):
        cosines = {
            label: float(vector @ mean / vector.norm() / mean.norm())
            for label, mean in means.items()
        }
        assert found == max(cosines, key=cosines.get)


def test_a_long_mean_is_not_nearer():
    """By dot product the long one would win."""
    examples = torch.tensor([[1.0, 0.0], [100.0, 100.0]])
    assert nearest_mean(torch.tensor([[1.0, 0.1]]), examples, [0, 1]).tolist() == [0]


def test_the_left_out_one_does_not_vote_for_itself():
    """Random vectors say nothing of their labels; a vector that votes is right too often."""
    generator = torch.Generator().manual_seed(0)
    labels = [0, 1] * 100
    vectors = torch.randn(200, 400, generator=generator)
    assert leave_one_out(vectors, labels).float().mean() < 0.6
    assert (nearest_mean(vectors, vectors, labels) == torch.tensor(labels)).float().mean() > 0.7


def test_shares_are_taken_over_all_texts():
    right = torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]])
    labels = {"right": [0, 0, 1, 1], "wrong": [0, 1, 0, 1]}
    assert share_found({"right": right, "wrong": right}, labels) == 0.5
    with pytest.raises(ValueError, match="same sets"):
        share_found({"right": right}, labels)


def test_bag_of_words():
    counts = bag_of_words(["The dog, the dog!", "cat"])
    assert counts.tolist() == [[0, 2, 2], [1, 0, 0]]


def test_sentences_of_two_senses():
    for word in SENTENCES:
        sentences, senses = sense_examples(word)
        assert sorted(senses) == [0] * 5 + [1] * 5 and senses == sorted(senses)
        assert all(word in bag.lower().strip(".").split() for bag in sentences)
        assert len(set(sentences)) == 10


# Extractive summaries


def test_summary_is_a_selection_in_order():
    vectors = torch.tensor([[0.0, 1.0], [1.0, 0.1], [1.0, 0.0], [1.0, 0.2]])
    assert extract(list("abcd"), vectors, keep=2) == ["b", "d"]
    assert extract(list("abcd"), vectors, keep=4) == list("abcd")


@few
@given(st.integers(1, 6), st.integers(0, 99))
def test_centrality_forgets_lengths_and_order(sentences, seed):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(sentences, 4, generator=generator, dtype=torch.float64)
    lengths = torch.rand(sentences, 1, generator=generator, dtype=torch.float64) + 0.1
    order = torch.randperm(sentences, generator=generator)
    central = centrality(vectors)
    same(centrality(vectors * lengths), central)
    same(centrality(vectors[order]), central[order])
    assert ((central >= -1 - 1e-12) & (central <= 1 + 1e-12)).all()


def test_a_mean_of_unequal_lengths_would_be_another():
    vectors = torch.tensor([[9.0, 0.0], [0.0, 1.0], [0.1, 1.0]])
    biased = torch.nn.functional.cosine_similarity(vectors, vectors.mean(dim=0, keepdim=True))
    assert biased.argmax() != centrality(vectors).argmax()


# Choosing

TEXT = Offer(frozenset({"text", "labels"}), 8_000_000_000, 4096, open_weights=True)
SECRET = Offer(frozenset({"text"}), None, None, open_weights=False)


@pytest.mark.parametrize(
    ("offer", "need", "against"),
    [
        (TEXT, Need("text", 4096, in_house=True, memory=int(16e9)), []),
        (TEXT, Need("images", 1, in_house=True), ["writes no images"]),
        (TEXT, Need("text", 4097, in_house=True), ["reads 4,096 tokens at most"]),
        (TEXT, Need("labels", 1, in_house=True, memory=int(16e9) - 1), ["takes 16 GB"]),
        (SECRET, Need("text", 10**6, in_house=False, memory=1), []),
        (SECRET, Need("text", 1, in_house=True), ["runs on its maker's machines only"]),
        (
            SECRET,
            Need("labels", 1, in_house=True),
            ["writes no labels", "runs on its maker's machines only"],
        ),
    ],
)
def test_objections(offer, need, against):
    assert objections(offer, need) == against


def test_shortlist_begins_with_the_smallest_and_ends_with_the_unknown():
    small = Offer(frozenset({"text"}), 10, 100, open_weights=True)
    offers = {"secret": SECRET, "large": TEXT, "small": small}
    assert shortlist(offers, Need("text", 50, in_house=False)) == ["small", "large", "secret"]
    assert shortlist(offers, Need("text", 500, in_house=True)) == ["large"]


@pytest.mark.parametrize(("bits", "expected"), [(32, 12), (16, 6), (8, 3), (4, 2), (1, 1)])
def test_weight_bytes_are_rounded_up(bits, expected):
    assert weight_bytes(3, bits=bits) == expected


def test_weight_bytes_of_a_real_model():
    layer = torch.nn.Linear(7, 5, dtype=torch.float16)
    counted = sum(parameter.numel() for parameter in layer.parameters())
    assert weight_bytes(counted) == sum(parameter.nbytes for parameter in layer.parameters())


def test_bad_input():
    two = torch.ones(2, 3)
    for labels in ([], [1]):
        with pytest.raises(ValueError, match="one label for each"):
            nearest_mean(two, two, labels)
    with pytest.raises(ValueError, match="at least two texts of each"):
        leave_one_out(two, [0, 1])
    with pytest.raises(ValueError, match="there is no word"):
        bag_of_words(["…"])
    with pytest.raises(ValueError, match="pass one of plant"):
        sense_examples("bank")
    with pytest.raises(ValueError, match="no sentence"):
        centrality(torch.ones(0, 3))
    with pytest.raises(ValueError, match="1 sentences, 2 vectors"):
        extract(["a"], two, keep=1)
    for keep in (0, 3):
        with pytest.raises(ValueError, match="at most 2"):
            extract(["a", "b"], two, keep=keep)
    for numbers in ({"parameters": 0}, {"parameters": 1, "bits": 0}):
        with pytest.raises(ValueError, match="at least one parameter"):
            weight_bytes(**numbers)
