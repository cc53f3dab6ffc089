"""Step 5: claims are accepted only where the head looks and is needed."""

import re
from dataclasses import replace
from functools import partial
from itertools import combinations

import pytest
import torch

from lab import BEHAVIORS, ClaimTest, behaviors as known, load_model, read_claim
from lab.verdicts import ACCEPTED, LOOKS, NEEDED, REFUTED, UNTESTED
from lessons.interpretation import ablate_heads
from lessons.models.grammar import agreement
from lessons.models.grammar.draws import draw_sentences

EVERY = [f"{layer}.{head}" for layer in range(3) for head in range(4)]


@pytest.fixture(scope="module")
def tried(encoder, decoder):
    return ClaimTest(encoder, decoder)


def heads(tried, behavior, status) -> list[str]:
    return [one for one in EVERY if tried.verdict(f"head {one} {behavior}").status == status]


def test_what_the_book_found(tried):
    """Six heads find the antecedent, none is needed alone; the one needed reads the adjective."""
    assert heads(tried, "resolves pronouns", ACCEPTED) == []
    assert heads(tried, "resolves pronouns", LOOKS) == ["1.1", "1.2", "1.3", "2.0", "2.1", "2.3"]
    assert heads(tried, "resolves pronouns", NEEDED) == ["0.0"]
    assert heads(tried, "reads the adjective", ACCEPTED) == ["0.0"]
    assert heads(tried, "finds the subject", ACCEPTED) == ["2.2"]
    assert heads(tried, "continues a repetition", ACCEPTED) == ["1.2"]
    assert "0.0" in heads(tried, "reads the previous token", ACCEPTED)
    assert heads(tried, "resolves he and she", ACCEPTED) == []


def test_a_verdict_tells_its_numbers(tried):
    one = tried.verdict("head 1.1 resolves pronouns")
    assert one.status == LOOKS and one.interval[0] > one.rule > 0.4
    assert one.right_without == one.right_without_others == one.right == 1
    refuted = tried.verdict("head 2.2 resolves pronouns")
    assert refuted.status == REFUTED and refuted.interval[0] < refuted.rule < refuted.interval[1]
    told = tried(["head 1.1 resolves pronouns", "head 0.0 reads the adjective"]).markdown
    assert "looks, but is not needed" in told and "accepted" in told


@torch.no_grad()
def test_no_pair_and_no_three_of_the_six_are_needed_but_all_six_are(encoder):
    """What the last of the detective's exercises is about."""
    six = [(1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 3)]
    behavior = BEHAVIORS["resolves pronouns"]
    shares = {}
    for some in (*combinations(six, 2), *combinations(six, 3), tuple(six)):
        with ablate_heads(encoder.model, some):
            shares[some] = behavior.share(encoder, behavior.sentences())
    assert shares.pop(tuple(six)) < 0.75
    assert min(shares.values()) > 0.97


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_the_verdicts_hold_on_other_sentences(monkeypatch, encoder, decoder, seed):
    drawn = {
        "resolves pronouns": partial(draw_sentences, "winograd", "test", 100, seed),
        "finds the subject": partial(
            draw_sentences, "agreement", "test", 100, seed, keep=agreement.has_attractor
        ),
    }
    drawn["reads the adjective"] = drawn["resolves pronouns"]
    for name, sentences in drawn.items():
        other = replace(known.BEHAVIORS[name], sentences=sentences)
        monkeypatch.setitem(known.BEHAVIORS, name, other)
    tried = ClaimTest(encoder, decoder)
    assert heads(tried, "resolves pronouns", ACCEPTED) == []
    assert len(heads(tried, "resolves pronouns", LOOKS)) >= 6
    assert heads(tried, "reads the adjective", ACCEPTED) == ["0.0"]
    assert heads(tried, "finds the subject", ACCEPTED) == ["2.2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("head two", "digits"),
        ("", "digits"),
        ("2.2 resolves pronouns", "digits"),
        ("head 2.2", "digits"),
        ("head -1.2 resolves pronouns", "digits"),
        ("head 2,2 resolves pronouns", "digits"),
        (None, "digits"),
        ("head 2.2 thinks", "'thinks'.*resolves pronouns, resolves he and she"),
        ("head 3.0 resolves pronouns", "no head 3.0: its layers are 0 to 2, its heads 0 to 3"),
        ("head 0.4 finds the subject", "no head 0.4"),
    ],
)
def test_claims_that_cannot_be_tested_stop_no_other(tried, text, message):
    both = tried([text, "head 1.1 resolves pronouns"]).facts["verdicts"]
    assert [one["status"] for one in both] == [UNTESTED, LOOKS]
    assert re.search(message, both[0]["reason"])


def test_one_claim_need_not_stand_in_a_list(tried):
    assert len(tried("head 1.1 resolves pronouns").facts["verdicts"]) == 1
    assert "no claim" in tried([]).markdown


def test_claims_are_read_whatever_the_spaces_and_capitals():
    assert read_claim("  Head 0.10  Reads the  adjective. ").text == "head 0.10 reads the adjective"


def test_the_truth_is_known_for_the_books_models_only():
    other = ClaimTest(load_model("encoder", source="wheel"))
    for text, said in (
        ("head 1.1 resolves pronouns", "MiniLM"),
        ("head 1.1 finds the subject", "not passed"),
    ):
        one = other.verdict(text)
        assert one.status == UNTESTED and said in one.reason and "source='book'" in one.reason


def test_each_behavior_has_sentences_with_links():
    for behavior in BEHAVIORS.values():
        some = behavior.sentences()
        assert len(set(some)) == known.SENTENCES
        assert all(behavior.links(one) for one in some)
        assert 0 < behavior.rule(some) < 0.7
