"""The two tasks that chapters train on, against the grammar's own truth."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from lessons import models
from lessons.models.grammar import Sentence, agreement, book_splits, split_of
from lessons.models.texts.agreement_text import END
from lessons.models.texts.sorting import SORTED_FROM
from support import few


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@few
@given(rows=st.integers(1, 5), digits=st.integers(1, 6), seed=st.integers(0, 9))
def test_sorting_rows(rows, digits, seed):
    drawn = models.sorting_rows(seeded(seed), rows=rows, digits=digits)
    for row in drawn.tolist():
        assert row[digits] == SORTED_FROM and row[digits + 1 :] == sorted(row[:digits])
        assert all(0 <= digit < 10 for digit in row[:digits])
    assert torch.equal(drawn, models.sorting_rows(seeded(seed), rows=rows, digits=digits))


def test_sorting_rows_has_all_digits():
    assert models.sorting_rows(seeded(), rows=100).unique().tolist() == list(range(11))


def test_sentences_are_of_their_split_and_kind():
    for split in ("train", "test"):
        drawn = models.agreement_sentences(40, split=split)
        assert all(split_of(one, book_splits()) == split for one in drawn)
        assert all(models.one_noun_between(one) for one in drawn)
        assert all(one.tokens[-1] == "." for one in drawn)
    clauses = models.agreement_sentences(20, keep=models.has_relative_clause)
    assert all("that" in one.tokens for one in clauses)
    assert not any(models.one_noun_between(one) for one in clauses)
    assert models.agreement_sentences(5) == models.agreement_sentences(5)
    assert models.agreement_sentences(5, seed=1) != models.agreement_sentences(5)


def test_two_prepositions_are_not_short():
    words = "the key near the table behind the boy is old".split()
    assert not models.one_noun_between(Sentence(tuple(words), "agreement"))
    assert models.one_noun_between(Sentence(tuple(words[:5] + words[8:]), "agreement"))


def test_text_and_back():
    sentences = models.agreement_sentences(30)
    ids = models.word_ids(sentences)
    assert ids[END] == 0 and sorted(ids.values()) == list(range(len(ids)))
    text = models.running_text(sentences, ids)
    words = list(ids)
    read = " ".join(words[one] for one in text).split(f" {END}")
    assert [one.strip() for one in read[:-1]] == [one.text for one in sentences]
    with pytest.raises(ValueError, match="no id for unheard"):
        models.running_text([Sentence(("unheard",), "agreement")], ids)


@few
@given(length=st.integers(1, 6), rows=st.integers(1, 4), seed=st.integers(0, 9))
def test_rows_begin_where_sentences_end(length, rows, seed):
    text = torch.tensor([5, 0, 1, 2, 0, 3, 0, 4, 4, 4, 4, 4, 4])
    cut = models.text_rows(seeded(seed), text=text, rows=rows, length=length)
    pieces = [text[start : start + length].tolist() for start in (1, 4, 6)]
    assert all(row in pieces for row in cut.tolist())


def test_every_start_is_drawn_and_the_last_one_fits():
    text = torch.tensor([0, 1, 0, 2])
    drawn = models.text_rows(seeded(), text=text, rows=50, length=2)
    assert {tuple(row) for row in drawn.tolist()} == {(0, 1), (0, 2)}
    with pytest.raises(ValueError, match="pass a longer text"):
        models.text_rows(seeded(), text=torch.tensor([1, 2, 0]), rows=1, length=3)


def test_held_out_rows():
    ids = models.word_ids(models.agreement_sentences(3000))
    rows = models.held_out_rows(ids, keep=models.one_noun_between, count=7, length=6)
    assert rows.shape == (7, 6) and (rows[:, 0] == 0).all()


def test_choices_have_a_misleading_noun_and_two_forms_of_one_verb():
    for beginning, right, wrong in models.agreement_choices(60):
        numbers = agreement.number(right), agreement.number(wrong)
        assert set(numbers) == {"singular", "plural"}
        words = beginning.split()
        nearest = [word for word in words if agreement.number(word)][-1]
        if "that" not in words:  # else the nearest word with a number may be a verb
            assert agreement.number(nearest) == numbers[1]
    short = models.agreement_choices(20, keep=models.one_noun_between)
    assert not any("that" in beginning for beginning, _, _ in short)


class Says(nn.Module):
    """Find one word likelier than all others, always."""

    def __init__(self, token, vocab):
        super().__init__()
        self.logits = nn.functional.one_hot(torch.tensor(token), vocab).float()

    def forward(self, ids):
        return self.logits.expand(*ids.shape, -1)


def test_choices_right_by_hand():
    ids = {END: 0, "the": 1, "boys": 2, "sleep": 3, "sleeps": 4}
    choices = [("the boys", "sleep", "sleeps"), ("boys", "sleeps", "sleep")]
    assert models.choices_right(Says(3, 5), choices, ids) == 0.5
    assert models.choices_right(Says(3, 5), choices[:1], ids) == 1.0
    assert models.choices_right(Says(4, 5), choices[:1], ids) == 0.0
    with pytest.raises(ValueError, match="at least one"):
        models.choices_right(Says(4, 5), [], ids)
