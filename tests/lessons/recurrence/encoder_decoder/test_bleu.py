import math
import random
import warnings
from functools import partial

import pytest
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu

from lessons.recurrence.encoder_decoder.bleu import bleu, clipped_precision, ngrams
from support import proofs


def corpus(seed, sentences):
    """Candidates that are references with a few words changed, dropped or doubled."""
    rng = random.Random(seed)
    references = [rng.choices("abcde", k=rng.randint(8, 12)) for _ in range(sentences)]
    candidates = []
    for reference in references:
        copy = list(reference)  # stays longer than a run: nltk counts one run in shorter ones
        for _ in range(rng.randint(0, 3)):
            place = rng.randrange(len(copy))
            copy[place : place + 1] = rng.choice([[], [], [], ["a"], ["b", "b"]])
        candidates.append(copy)
    return candidates, references


def check_agrees_with_nltk(score, candidates, references):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = corpus_bleu([[reference] for reference in references], candidates)
    # Where no run of four is shared, nltk puts a tiny number in place of 0.
    assert score(candidates, references) == pytest.approx(expected, abs=1e-9)


def check_repeating_a_word_does_not_pay(score, candidates, references):
    stutter = [[reference[0]] * len(reference) for reference in references]
    assert score(stutter, references) <= score(references, references) / 10


def check_being_short_does_not_pay(score, candidates, references):
    halves = [reference[: len(reference) // 2] for reference in references]
    assert score(halves * 2, references * 2) < 0.7


def check_a_perfect_corpus_scores_one(score, candidates, references):
    assert score(references, references) == pytest.approx(1, abs=1e-12)


def precisions(candidates, references):
    return [clipped_precision(candidates, references, n) for n in range(1, 5)]


def not_clipped(candidates, references):
    parts = []
    for n in range(1, 5):
        own = [(ngrams(c, n), ngrams(r, n)) for c, r in zip(candidates, references, strict=True)]
        total = sum(c.total() for c, _ in own)
        shared = sum(count for c, r in own for gram, count in c.items() if gram in r)
        parts.append(shared / total if total else 0)
    if min(parts) == 0:
        return sum(parts) / 4 * brevity(candidates, references)
    return math.exp(sum(map(math.log, parts)) / 4) * brevity(candidates, references)


def brevity(candidates, references):
    return min(1.0, math.exp(1 - sum(map(len, references)) / sum(map(len, candidates))))


def without_brevity(candidates, references):
    return bleu(candidates, references) / brevity(candidates, references)


def arithmetic(candidates, references):
    return sum(precisions(candidates, references)) / 4 * brevity(candidates, references)


def mean_of_sentences(candidates, references):
    pairs = zip(candidates, references, strict=True)
    return sum(bleu([c], [r]) for c, r in pairs) / len(candidates)


def out_of_hundred(candidates, references):
    return 100 * bleu(candidates, references)


CATCHES = {
    check_agrees_with_nltk: [not_clipped, without_brevity, arithmetic, mean_of_sentences],
    check_repeating_a_word_does_not_pay: [not_clipped],
    check_being_short_does_not_pay: [without_brevity],
    check_a_perfect_corpus_scores_one: [out_of_hundred],
}


test_bleu, test_broken_bleu_is_caught = proofs(
    bleu,
    CATCHES,
    corpus(seed=5, sentences=12),
    st.integers(0, 2**32).map(partial(corpus, sentences=12)),
)


def test_by_hand():
    """Six words of seven; pairs 4 of 6, triples 2 of 5, fours 1 of 4; as long as the reference."""
    candidate, reference = "a b c d x e f".split(), "a b c d y e f".split()
    expected = (6 / 7 * 4 / 6 * 2 / 5 * 1 / 4) ** 0.25
    assert bleu([candidate], [reference]) == pytest.approx(expected, abs=1e-12)
    shorter = candidate[:4]
    assert bleu([shorter], [reference]) == pytest.approx(math.exp(1 - 7 / 4), abs=1e-12)


def test_nothing_shared_is_zero():
    assert bleu([["a", "b"]], [["c", "d"]]) == 0
    assert bleu([["a", "b", "c"]], [["a", "b", "c"]]) == 0  # no run of four in three words
    assert bleu([["a", "b", "c"]], [["a", "b", "c"]], longest=3) == 1


@pytest.mark.parametrize(("candidates", "references"), [([], []), ([["a"]], [])])
def test_numbers_must_agree(candidates, references):
    with pytest.raises(ValueError, match="one reference for each candidate"):
        bleu(candidates, references)
