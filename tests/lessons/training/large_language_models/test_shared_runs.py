"""Signatures estimate the overlap that counting finds, and bands find the near pairs."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.training import jaccard, minhash, near_pairs, shingles
from support import few


def numbers(first, last):
    return {str(n) for n in range(first, last)}


def test_overlap_by_hand():
    one, other = shingles("the cat sat on the mat"), shingles("the cat sat on a mat")
    assert one & other == {"the cat sat", "cat sat on"}
    assert jaccard(one, other) == 2 / 6


@few
@given(common=st.integers(0, 100))
def test_a_signature_estimates_the_overlap(common):
    one, other = numbers(0, 100), numbers(100 - common, 200 - common)
    agree = (minhash(one, size=1024) == minhash(other, size=1024)).double().mean().item()
    truth = jaccard(one, other)
    assert abs(agree - truth) < 5 * (max(truth * (1 - truth), 0.001) / 1024) ** 0.5


def test_one_order_for_all_is_no_signature():
    """If each number of the signature came from the same order, all would agree or none."""
    one, other = numbers(0, 100), numbers(50, 150)
    agree = (minhash(one, size=256) == minhash(other, size=256)).double().mean().item()
    assert 0.2 < agree < 0.5  # the truth is 1/3
    assert not torch.equal(minhash(one, seed=0), minhash(one, seed=1))


def test_a_signature_is_the_same_in_another_process():
    """Python's own hash is not: it is salted anew in each."""
    code = "from lessons.training import minhash; print(minhash({'a', 'b'}, size=4).tolist())"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == str(minhash({"a", "b"}, size=4).tolist())


def test_bands_find_near_pairs_and_few_others():
    texts = [numbers(100 * n, 100 * n + 50) for n in range(20)]
    texts.append(numbers(0, 48))  # nearly the first
    signatures = [minhash(text) for text in texts]
    assert near_pairs(signatures, bands=16) == {(0, 20)}
    assert near_pairs(signatures, bands=1) == set()


@pytest.mark.parametrize(
    "call",
    [
        lambda: jaccard([], []),
        lambda: minhash([]),
        lambda: minhash({"a"}, size=0),
        lambda: near_pairs([minhash({"a"})], bands=5),
    ],
)
def test_what_has_no_overlap_is_refused(call):
    with pytest.raises(ValueError, match="pass"):
        call()
