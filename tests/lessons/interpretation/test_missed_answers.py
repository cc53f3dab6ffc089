"""Silence costs the answers that hang on a head: known ones in the book's decoder."""

import pytest
import torch

from lessons.interpretation import answers_lost, grammar_items, silenced
from lessons.models.open_english.item import Item

EVERY = [(layer, head) for layer in range(3) for head in range(4)]


@pytest.fixture(scope="module")
def items():
    return grammar_items("agreement", count=24)


def test_all_heads_are_missed_and_none_of_them_is_nothing(decoder, items):
    right, [none, every] = answers_lost(decoder, items, [[], EVERY])
    assert right > 0.9
    assert set(none) == {"zeros", "means", "another's"}
    assert all(one.lost == one.worse == 0 for one in none.values())
    assert all(one.worse > 3 for one in every.values())


def test_the_answers_are_counted_by_hand(decoder, items):
    """Zeros need no other texts, so the loss can be had text by text."""
    head = (2, 2)
    alone = []
    for silent in (False, True):
        told = []
        for one in items:
            ids = torch.tensor([decoder.tokenizer(one.prompt).input_ids])
            right, wrong = (decoder.tokenizer(word).input_ids[0] for word in (one.right, one.wrong))
            zeros = {head: torch.zeros(1, ids.shape[1], 32)}
            with torch.no_grad(), silenced(decoder.model, zeros, [head] if silent else []):
                logits = decoder.model(ids).logits[0, -1]
            told.append(bool(logits[right] > logits[wrong]))
        alone.append(told)
    right, [lost] = answers_lost(decoder, items, [[head]], kinds=["zeros"])
    assert right == pytest.approx(sum(alone[0]) / len(items))
    assert lost["zeros"].worse == sum(a and not b for a, b in zip(*alone, strict=True))
    assert lost["zeros"].better == sum(b and not a for a, b in zip(*alone, strict=True))


def test_items_without_a_question_are_refused(decoder, items):
    with pytest.raises(ValueError, match="an item has no prompt: pass items that a decoder is"):
        answers_lost(decoder, grammar_items("gendered names", count=2), [EVERY])
    single: list[Item] = items[:1]
    with pytest.raises(ValueError, match="no two texts have as many tokens: pass more items"):
        answers_lost(decoder, single, [EVERY])
