"""The text and its batches, and the two models that count."""

import math

import pytest
import torch

from lessons.training import Batches, bigram_loss, read_prose, rows_of, unigram_loss
from lessons.training.prose import FILE, paragraphs

TEXT = torch.arange(100)


def test_the_frozen_text_is_small_plain_and_parted():
    assert FILE.stat().st_size < 200_000 and FILE.read_text("ascii").count("\n") == 513
    learned, held_out = (paragraphs(held_out=part) for part in (False, True))
    assert not set(learned) & set(held_out) and len(learned) + len(held_out) == 513


def test_both_parts_come_back():
    prose = read_prose(vocab_size=280)
    assert prose.tokenizer.decode(prose.held_out.tolist()) == "".join(paragraphs(held_out=True))
    assert prose.tokenizer.decode(prose.learned.tolist()) == "".join(paragraphs(held_out=False))


def test_a_batch_depends_on_seed_and_number_alone():
    one, other = (Batches(TEXT, rows=3, length=5, count=9, seed=seed) for seed in (0, 1))
    straight = list(one)
    assert all(torch.equal(one[number], straight[number]) for number in (8, 0, 3))
    assert not torch.equal(one[0], other[0]) and not torch.equal(one[0], one[1])
    assert all((row.diff() == 1).all() for batch in straight for row in batch)


def test_every_place_of_the_text_is_drawn():
    rows = torch.cat(list(Batches(TEXT, rows=50, length=5, count=40)))
    assert set(rows[:, 0].tolist()) == set(range(96))


def test_batches_go_on_where_they_stopped_once():
    one, other = (Batches(TEXT, rows=3, length=5, count=9) for _ in "12")
    walk = iter(one)
    given = [next(walk) for _ in range(4)]
    other.load_state_dict(one.state_dict())
    left = list(other)
    assert len(given) + len(left) == 9 == len(list(other))
    assert all(torch.equal(a, b) for a, b in zip([*given, *left], list(other), strict=True))


def test_impossible_batches_are_refused():
    for sizes in ({"length": 101}, {"rows": 0}, {"count": 0}, {"length": 0}):
        with pytest.raises(ValueError, match="pass at least one of each"):
            Batches(TEXT, **{"rows": 2, "length": 5, "count": 3} | sizes)
    for length in (0, 101):
        with pytest.raises(ValueError, match="pass 1 to that"):
            rows_of(TEXT, length)


def test_rows_are_the_text():
    assert torch.equal(rows_of(TEXT, 7).flatten(), TEXT[:98])


def test_counting_by_hand():
    """Learned 0 0 1 0: after 0 came 0 and 1, after 1 came 0; (3 + 1) / 6 of the tokens are 0."""
    learned, held_out = torch.tensor([0, 0, 1, 0]), torch.tensor([0, 1, 0])
    frequent = (math.log(2 / 6) + math.log(4 / 6)) / -2
    assert unigram_loss(learned, held_out, 2) == pytest.approx(frequent, abs=1e-12)
    after = (math.log((1 + 3 * 2 / 6) / (2 + 3)) + math.log((1 + 3 * 4 / 6) / (1 + 3))) / -2
    assert bigram_loss(learned, held_out, 2, weight=3.0) == pytest.approx(after, abs=1e-12)


def test_chances_sum_to_one():
    learned = torch.randint(6, (40,), generator=torch.Generator().manual_seed(0))
    for loss in (unigram_loss, bigram_loss):
        total = sum(math.exp(-loss(learned, torch.tensor([2, v]), 6)) for v in range(6))
        assert total == pytest.approx(1, abs=1e-9)


def test_texts_without_a_next_token_are_refused():
    for loss in (unigram_loss, bigram_loss):
        for texts in ((TEXT, TEXT[:1]), (TEXT[:1], TEXT)):
            with pytest.raises(ValueError, match="pass at least two"):
                loss(*texts, 100)
    with pytest.raises(ValueError, match="pass a positive number"):
        bigram_loss(TEXT, TEXT, 100, weight=0.0)


def test_counted_triples_pay_less_than_the_small_gpt():
    """As the chapter tells: about 2.3 nats, where its GPT pays 2.8."""
    learned, held_out = (
        getattr(read_prose(vocab_size=320), name) for name in ("learned", "held_out")
    )
    frequent = (torch.bincount(learned, minlength=320) + 1.0) / (len(learned) + 320)
    pairs, triples = torch.zeros(320, 320), torch.zeros(320 * 320, 320)
    one = torch.ones(())
    pairs.index_put_((learned[:-1], learned[1:]), one, accumulate=True)
    before = 320 * learned[:-2] + learned[1:-1]
    triples.index_put_((before, learned[2:]), one, accumulate=True)
    pairs = (pairs + 20 * frequent) / (pairs.sum(1, keepdim=True) + 20)
    last, found = held_out[1:-1], triples[320 * held_out[:-2] + held_out[1:-1]]
    chances = (found + 10 * pairs[last]) / (found.sum(1, keepdim=True) + 10)
    assert chances.sum(1).sub(1).abs().max() < 1e-4
    loss = -chances.gather(1, held_out[2:, None]).log().mean()
    assert 2.2 < loss < 2.4
