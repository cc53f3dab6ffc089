"""Links in a model's positions, and what the book's models answer."""

import random
from dataclasses import replace

import pytest
import torch

from lessons.interpretation import (
    ablate_heads,
    adjective_links,
    antecedent_margins,
    antecedents_right,
    content_links,
    copied_share,
    exchange_word,
    maps_for,
    mean_margin,
    other_noun_links,
    pronoun_links,
    repeat_links,
    said_twice,
    verb_links,
    verbs_right,
)
from lessons.models import load
from lessons.models.grammar import agreement, repeat
from lessons.models.grammar.draws import draw_sentences, draw_translations


def token(loaded, text: str, place: int) -> str:
    ids = loaded.tokenizer(text).input_ids
    return loaded.tokenizer.convert_ids_to_tokens(ids)[place]


def test_links_of_pronouns_end_at_the_words_that_they_name(encoder):
    for one in draw_sentences("winograd", "test", 40, 3):
        [(pronoun, antecedent)] = pronoun_links(one)
        [(_, adjective)] = adjective_links(one)
        assert token(encoder, one.text, pronoun) == "it"
        assert token(encoder, one.text, antecedent) in one.pair
        assert token(encoder, one.text, adjective - 1) == "too"
        others = {token(encoder, one.text, place) for _, place in other_noun_links(one)}
        assert others | {token(encoder, one.text, antecedent)} == one.pair
        # The broken variant: positions of the sentence, without the [CLS].
        assert token(encoder, one.text, one.antecedents[-1][0]) != "it"


def test_links_of_verbs_and_repeats(decoder):
    for one in draw_sentences("agreement", "test", 40, 3, keep=agreement.has_attractor):
        [(before, subject)] = verb_links(one)
        assert (before + 1, subject) == one.subjects[-1]

    one = repeat(random.Random(2), length=5)
    ids = decoder.tokenizer(one.text).input_ids
    for query, key in repeat_links(one):
        assert ids[query] == ids[key - 1]
        assert ids[query + 1] == ids[key]
    assert len(repeat_links(one)) == 4


def test_maps_are_of_the_sentence_or_of_the_translation(encoder):
    [one] = draw_sentences("winograd", "test", 1, 0)
    [table] = maps_for(encoder, [one])
    tokens = len(one.tokens) + 2
    assert table.shape == (3, 4, tokens, tokens)
    torch.testing.assert_close(table.sum(-1), torch.ones(3, 4, tokens))
    translator = load("translator", source="book")
    pair = draw_translations(1, 0)[0]
    [cross] = maps_for(translator, [pair])
    assert cross.shape == (2, 4, len(pair.target) + 1, len(pair.source.tokens) + 1)
    assert all(q < len(pair.target) and k < len(pair.source.tokens) for q, k in content_links(pair))


def test_translations_of_other_splits_are_others():
    assert draw_translations(6, 0, split="validation") != draw_translations(6, 0)
    assert draw_translations(6, 0, split="test") == draw_translations(6, 0)


def test_margins_tell_right_from_wrong(encoder):
    some = draw_sentences("winograd", "test", 60, 7)
    assert antecedents_right(encoder, some).float().mean() > 0.95
    one_by_one = torch.cat([antecedent_margins(encoder, [one]) for one in some[:5]])
    torch.testing.assert_close(antecedent_margins(encoder, some)[:5], one_by_one, atol=1e-4, rtol=0)
    # With the antecedent and the other noun exchanged, nearly all is wrong.

    exchanged = [
        replace(one, antecedents=((one.antecedents[-1][0], other_noun_links(one)[0][1] - 1),))
        for one in some
    ]
    assert antecedents_right(encoder, exchanged).float().mean() < 0.05
    with pytest.raises(ValueError, match="no sentence"):
        antecedent_margins(encoder, [])


def test_shares_fall_without_attention(decoder):
    lured = draw_sentences("agreement", "test", 60, 7, keep=agreement.has_attractor)
    ids = said_twice(decoder, 30, seed=5)
    first_layer = [(0, head) for head in range(4)]
    whole = verbs_right(decoder, lured).float().mean(), copied_share(decoder.model, ids)
    assert min(whole) > 0.95
    with ablate_heads(decoder.model, first_layer):
        assert verbs_right(decoder, lured).float().mean() < 0.7
        assert copied_share(decoder.model, ids) < 0.2


def test_lists_are_said_twice_and_differ_by_seed(decoder):
    ids = said_twice(decoder, 8, length=6, seed=1)
    assert ids.shape == (8, 12)
    assert torch.equal(ids[:, :6], ids[:, 6:])
    assert torch.equal(ids, said_twice(decoder, 8, length=6, seed=1))
    assert not torch.equal(ids, said_twice(decoder, 8, length=6, seed=2))
    assert all(len(set(row[:6])) == 6 for row in ids.tolist())
    with pytest.raises(ValueError, match="not the first one again"):
        copied_share(decoder.model, ids[:, :-1])
    with pytest.raises(ValueError, match="not the first one again"):
        copied_share(decoder.model, ids.roll(1, dims=1)[:, :10])


def test_exchange_brings_one_new_word_to_one_place(decoder):
    ids = said_twice(decoder, 30, length=6)
    other = exchange_word(ids, 2)
    changed = other != ids
    assert changed[:, 2].all() and changed.sum() == len(ids)
    assert all(new not in row for new, row in zip(other[:, 2].tolist(), ids.tolist(), strict=True))
    with pytest.raises(ValueError, match="same words"):
        exchange_word(torch.tensor([[1, 2], [2, 1]]), 0)


def test_mean_margin_changes_its_sign_with_the_answers(decoder):
    ids = said_twice(decoder, 10)[:, :14]
    right, wrong = ids[:, 4], exchange_word(ids, 4)[:, 4]
    margin = mean_margin(decoder.model, ids, right, wrong)
    assert margin > 3
    assert mean_margin(decoder.model, ids, wrong, right) == pytest.approx(-margin, abs=1e-5)
