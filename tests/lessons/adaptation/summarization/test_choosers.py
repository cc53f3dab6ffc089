"""Choosers of sentences: what each does on vectors worked by hand, and the paired interval."""

import pytest
import torch

from lessons.adaptation import (
    LongText,
    alike_in_length,
    chapter_texts,
    chosen_text,
    leave_one_out,
    most_relevant,
    oracle_choice,
    paired_interval,
    ridge_scores,
    rouge_n,
    rouge_words,
)
from lessons.families import centrality
from support import same


def test_the_frozen_chapters_are_whole():
    texts = chapter_texts()
    assert len(texts) == len({one.title for one in texts}) == 25
    for one in texts:
        assert 15 <= len(one.sentences) <= 30 and 4 <= len(one.summary) <= 12
        assert not set(one.sentences) & set(one.summary)
        assert all(sentence[-1] in ".?!" for sentence in one.sentences)


def test_with_all_the_weight_on_relevance_it_is_centrality():
    vectors = torch.nn.functional.normalize(torch.randn(12, 5), dim=-1)
    central = sorted(centrality(vectors).topk(4).indices.tolist())
    assert most_relevant(vectors, keep=4, weight=1.0) == central


def check_no_repeats(choose):
    twins = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0.1, 0.0], [1.0, 0.1, 0.001], [0.7, 0.7, 0.2], [0.9, 0.0, 0.5]]), dim=-1
    )
    assert choose(twins, keep=2) not in ([0, 1],)


def test_twins_are_not_both_chosen():
    check_no_repeats(lambda vectors, keep: most_relevant(vectors, keep=keep, weight=0.4))
    with pytest.raises(AssertionError):
        check_no_repeats(lambda vectors, keep: [0, 1])


def test_the_oracle_takes_what_the_reference_says():
    text = LongText("", ("One cat.", "The dog ran home.", "It sat."), ("It sat.", "One cat."))
    assert oracle_choice(text, keep=2) == [0, 2]
    assert rouge_n(chosen_text(text, [2, 0]), text.reference).f1 == 1


def test_the_oracle_is_ahead_of_the_first_three_on_each_chapter():
    for one in chapter_texts():
        best = rouge_n(chosen_text(one, oracle_choice(one, keep=3)), one.reference).f1
        assert best >= rouge_n(chosen_text(one, range(3)), one.reference).f1


def test_ridge_is_the_least_squares_of_longer_data():
    x, y = torch.randn(30, 4, dtype=torch.float64), torch.randn(30, dtype=torch.float64)
    asked = torch.randn(5, 4, dtype=torch.float64)
    center = x.mean(dim=0)
    longer = torch.cat([x - center, 2**0.5 * torch.eye(4, dtype=torch.float64)])
    wanted = torch.cat([y - y.mean(), torch.zeros(4, dtype=torch.float64)])
    weights = torch.linalg.lstsq(longer, wanted[:, None]).solution[:, 0]
    same(ridge_scores(x, y, asked, penalty=2.0), (asked - center) @ weights + y.mean())


def test_the_text_that_is_scored_is_left_out():
    features = [torch.randn(6, 3) for _ in range(3)]
    choices = [[0, 1], [2], [5]]
    scores = leave_one_out(features, choices)
    changed = leave_one_out(features, [[3, 4, 5], [2], [5]])
    assert torch.equal(scores[0], changed[0]) and not torch.equal(scores[1], changed[1])


def check_interval(interval):
    values = torch.randn(40, dtype=torch.float64)
    low, high = interval(values, generator=torch.Generator().manual_seed(0))
    spread = 1.96 * values.std() / 40**0.5
    assert abs(low - (values.mean() - spread)) < 0.2 * spread
    assert abs(high - (values.mean() + spread)) < 0.2 * spread


def of_single_texts(values, generator):
    return tuple(values.quantile(torch.tensor([0.025, 0.975], dtype=values.dtype)).tolist())


def test_the_interval_is_about_that_of_the_normal_distribution():
    check_interval(paired_interval)
    with pytest.raises(AssertionError):
        check_interval(of_single_texts)


def test_they_refuse():
    text = LongText("", ("One.",), ("One.",))
    for keep in (0, 2):
        with pytest.raises(ValueError, match="at most 1"):
            oracle_choice(text, keep=keep)
        with pytest.raises(ValueError, match="at most 1"):
            most_relevant(torch.ones(1, 2), keep=keep)
    with pytest.raises(ValueError, match="above 0"):
        ridge_scores(torch.ones(2, 1), torch.ones(2), torch.ones(1, 1), penalty=0.0)
    with pytest.raises(ValueError, match="at least 2"):
        leave_one_out([torch.ones(2, 1)], [[0]])
    with pytest.raises(ValueError, match="at least 2"):
        paired_interval(torch.ones(1), generator=torch.Generator())


def check_alike(choose):
    text = chapter_texts()[0]
    words = [len(rouge_words(one)) for one in text.sentences]
    for places in ([0, 1, 2], sorted(range(len(words)), key=words.__getitem__)[-3:]):
        found = choose(text, places, generator=torch.Generator().manual_seed(0))
        wanted = sum(words[place] for place in places)
        assert len(found) == 8 and all(len(set(one)) == 3 for one in found)
        off = [abs(sum(words[place] for place in one) - wanted) for one in found]
        assert sum(off) / len(off) < 0.1 * wanted


def of_any_length(text, places, *, generator):
    return [
        torch.randperm(len(text.sentences), generator=generator)[: len(places)].tolist()
        for _ in range(8)
    ]


def test_random_sentences_have_the_length_that_they_imitate():
    check_alike(alike_in_length)
    with pytest.raises(AssertionError):
        check_alike(of_any_length)
    for keep in (0, 401):
        with pytest.raises(ValueError, match="at most 400"):
            alike_in_length(chapter_texts()[0], [0], generator=torch.Generator(), keep=keep)
