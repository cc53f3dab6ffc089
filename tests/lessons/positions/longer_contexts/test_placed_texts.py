"""The texts ask what they say they ask, and no rule is harder in a longer text."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.positions import Texts, accuracy, answer_loss, names_and_secret, three_back
from lessons.positions.longer_contexts.placed_texts import (
    FIRST,
    NAMES,
    NOT_ASKED,
    SECRETS,
    VOCABULARY,
)
from support import few

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 40)


def knows(texts):
    """Return a model that answers all, whatever it is asked."""
    return lambda ids: 99.0 * torch.nn.functional.one_hot(texts.answers, VOCABULARY)


@few
@given(seed=seeds, tokens=sizes)
def test_names_and_secret_in_plain_python(seed, tokens):
    texts = names_and_secret(3, tokens, torch.Generator().manual_seed(seed))
    for ids, answers, rules in zip(*(part.tolist() for part in texts), strict=True):
        secret = latest = ids[0] - SECRETS
        assert secret in range(NAMES) and rules[0] == NOT_ASKED
        for token, answer, rule in zip(ids[1:], answers[1:], rules[1:], strict=True):
            if token < NAMES:
                latest = token
                assert rule == NOT_ASKED
            elif token == FIRST:
                assert (answer, rule) == (secret, 1)
            else:
                assert token < FIRST and (answer, rule) == (latest, 0)


@few
@given(seed=seeds, tokens=sizes)
def test_three_back_in_plain_python(seed, tokens):
    texts = three_back(3, tokens, torch.Generator().manual_seed(seed))
    for ids, answers, rules in zip(*(part.tolist() for part in texts), strict=True):
        assert all(token in range(NAMES, FIRST) for token in ids)
        assert rules == [NOT_ASKED if i < 3 else 0 for i in range(tokens)]
        assert answers[3:] == ids[: max(0, tokens - 3)]


@pytest.mark.parametrize("tokens", [32, 512])
def test_rules_are_as_frequent_and_as_even_in_longer_texts(tokens):
    texts = names_and_secret(200, tokens, torch.Generator().manual_seed(0))
    for rule, share in ((0, 0.6), (1, 0.2)):
        asked = texts.rules[:, -16:] == rule
        assert asked.float().mean().item() == pytest.approx(share, abs=0.03)
        counts = torch.bincount(texts.answers[:, -16:][asked], minlength=NAMES)
        assert (counts / counts.sum() - 1 / NAMES).abs().max() < 0.08


def test_accuracy_counts_the_last_tokens_where_the_rule_asks():
    texts = names_and_secret(50, 20, torch.Generator().manual_seed(1))
    assert accuracy(knows(texts), texts, rule=0) == accuracy(knows(texts), texts, rule=1) == 1.0
    # Wrong wherever rule 1 asks, and in the first tokens: rule 0 and the last tokens say nothing.
    answers = torch.where(texts.rules == 1, (texts.answers + 1) % NAMES, texts.answers)
    answers[:, :4] = VOCABULARY - 1
    wrong = knows(texts._replace(answers=answers))
    assert (accuracy(wrong, texts, rule=0), accuracy(wrong, texts, rule=1)) == (1.0, 0.0)
    assert accuracy(wrong, texts, rule=0, last=20) < 1.0


def test_loss_counts_only_what_is_asked():
    texts = three_back(4, 9, torch.Generator().manual_seed(1))
    assert answer_loss(knows(texts), texts).item() == pytest.approx(0.0)
    answers = texts.answers.clone()
    answers[:, :3] = 0
    assert answer_loss(knows(texts), texts._replace(answers=answers)).item() == pytest.approx(0.0)
    answers[0, 5] = 0
    assert answer_loss(knows(texts), texts._replace(answers=answers)).item() > 1.0


def test_a_rule_that_asks_nothing():
    texts = three_back(1, 3, torch.Generator())
    assert isinstance(texts, Texts)
    with pytest.raises(ValueError, match="rule 0 asks nothing in the last 16 tokens"):
        accuracy(knows(texts), texts)
