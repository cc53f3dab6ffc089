"""Items of the grammar say what its sentences say; heads are chosen on some, tried on others."""

import dataclasses
import random

import pytest
import torch

from lessons.interpretation import (
    Trial,
    TwoModels,
    as_item,
    as_table,
    borne_out,
    copied_sureness,
    grammar_items,
    miss_heads,
    said_twice,
    silenced,
    silences_alike,
    try_heads,
)
from lessons.models import rule_rates
from lessons.models.grammar import Sentence, agreement
from lessons.models.judging.model_scores import proportion

SETS = ("gendered names", "schemas", "agreement", "repeated lists")


@pytest.mark.parametrize("name", SETS)
def test_items_of_the_grammar_are_whole_and_their_splits_differ(name):
    known, asked = (grammar_items(name, split=part, count=60) for part in ("validation", "test"))
    assert len(known) == len(asked) == 60 and asked == grammar_items(name, count=60)
    assert not {one.text for one in known} & {one.text for one in asked}
    for one in asked:
        assert one.asked_word and all(one.option_words) and one.truth < len(one.options)
        if one.prompt:
            assert one.right != one.wrong and one.text.startswith(one.prompt)


@pytest.mark.parametrize("name", SETS)
def test_no_rule_that_counts_places_gets_far(name):
    assert max(rule_rates(grammar_items(name, count=300)).values()) < 0.6


def test_the_truth_of_an_item_is_the_sentences():
    for one in grammar_items("agreement", count=40):
        subject = one.option_words[one.truth]
        assert agreement.number(subject) == agreement.number(one.asked_word)
        assert one.right == f" {one.asked_word}" and one.wrong.strip() != one.asked_word
        assert agreement.number(one.wrong.strip()) != agreement.number(one.asked_word)
    for one, other in zip(*[iter(grammar_items("schemas", count=40))] * 2, strict=True):
        assert one.truth != other.truth and one.options == other.options
        assert one.text.split()[:-2] == other.text.split()[:-2]
    for one in grammar_items("repeated lists", count=40):
        words = one.prompt.split()
        assert one.right.strip() == words[words.index(words[-1]) + 1]
        assert one.option_words[one.truth] == one.right.strip()


def test_places_count_characters():
    item = as_item(Sentence(("a", "bc", "d"), "plain"), 1, [0, 2], 1)
    assert (item.text, item.asked, item.prompt) == ("a bc d", (2, 4), "")
    assert item.options == ((0, 1), (5, 6))


@pytest.mark.parametrize("bad", [{"name": "capitals"}, {"name": "schemas", "split": "train"}])
def test_unknown_sets_and_splits_are_refused(bad):
    with pytest.raises(ValueError, match=r"there is no split|has no set"):
        grammar_items(**bad)


def test_a_trial_by_hand():
    items = grammar_items("schemas", count=4)
    right = torch.tensor([[1, 0], [1, 1], [1, 0], [0, 1]]).bool()[:, None]  # one layer, two heads
    trial = Trial(torch.tensor([[0.9, 0.4]]), right, items)
    assert (trial.head, trial.company) == ((0, 0), [(0, 0)])
    assert (trial.points().value, trial.turns().value) == (0.75, 0.5)
    other = dataclasses.replace(trial, rates=torch.tensor([[0.6, 0.7]]))
    assert (other.head, other.company) == ((0, 1), [(0, 0), (0, 1)])
    assert other.turns().value == 0.0
    # In the first pair head 0 turns; in the second both heads look at the same place twice.
    assert trial.any_turns().value == 0.5


def test_the_head_is_chosen_where_it_is_not_scored(encoder):
    items = grammar_items("schemas", count=40)
    turned = [dataclasses.replace(one, truth=1 - one.truth) for one in items]
    known, lost = try_heads(encoder, items, items), try_heads(encoder, items, turned)
    assert known.head == lost.head and known.points().value > 0.9
    assert lost.points().value == pytest.approx(1 - known.points().value)


def test_a_head_that_copies_is_missed_and_one_that_does_not_is_not(decoder):
    ids = said_twice(decoder, 24, length=8)
    both = [[(1, 2)], [(2, 0)], [(1, 2), (2, 0)]]
    copies, idle, two = miss_heads(decoder, both, ids)
    assert torch.equal(copies.whole, copied_sureness(decoder.model, ids))
    assert borne_out(copies.are_missed()) and borne_out(copies.more_than_others())
    assert not borne_out(idle.more_than_others())
    assert borne_out(two.are_missed()) and two.are_missed().head is None
    assert idle.are_missed().head == (2, 0)


def test_others_are_as_many_in_each_layer(decoder):
    ids = said_twice(decoder, 4, length=5)
    [missed] = miss_heads(decoder, [[(1, 2), (1, 0), (2, 0)]], ids)
    means = silences_alike(decoder.model, ids)["means"]
    with silenced(decoder.model, means, [(1, 1), (1, 3), (2, 1)]):
        assert copied_sureness(decoder.model, ids).equal(missed.control["means"])


def test_silences_of_texts_of_one_form(decoder):
    ids = said_twice(decoder, 5, length=4)
    kinds = silences_alike(decoder.model, ids)
    other, mean = kinds["another's"][1, 1], kinds["means"][1, 1]
    own = other.roll(-1, dims=0)  # what each text's head writes itself
    for row in range(5):
        rest = torch.cat([own[:row], own[row + 1 :]])
        assert torch.allclose(mean[row], rest.mean(0), atol=1e-5)
    assert not kinds["zeros"][1, 1].any()


def test_lists_hold_words_of_one_token(smollm2, decoder):
    ids = said_twice(smollm2, 3, length=5)
    words = smollm2.tokenizer.batch_decode(ids)
    assert ids.shape == (3, 10) and all(len(one.split()) == 10 for one in words)
    with pytest.raises(ValueError, match="not the first one again"):
        copied_sureness(decoder.model, torch.randint(9, (2, 7)))


def test_what_is_not_borne_out_by_both_is_not_the_same():
    rng = random.Random(0)
    half, most = ([rng.random() < share for _ in range(80)] for share in (0.5, 0.95))
    low, high = (proportion("x", hits, baselines={"coins": 0.5}) for hits in (half, most))
    table = as_table([TwoModels("one", high, high), TwoModels("two", high, low)])
    assert table.splitlines()[2].endswith("| same |")
    assert table.splitlines()[3].endswith("| **not** |")


@pytest.mark.slow
def test_another_head_than_the_best_looking_is_missed_alone(smollm2):
    """What the page on real English says: fresh lists, and the head that the eye chose first."""
    ids = said_twice(smollm2, 12, length=7, seed=1)
    best_looking, other = miss_heads(smollm2, [[(17, 5)], [(18, 6)]], ids)
    assert not borne_out(best_looking.are_missed()) and borne_out(other.are_missed())


@pytest.mark.slow
def test_heads_that_copy_are_not_missed_where_nothing_is_copied(smollm2):
    """What the page on real English says: after one list comes another one."""
    ids = said_twice(smollm2, 12, length=7)
    others = torch.cat([ids[:, :7], ids[:, :7].roll(1, dims=0)], dim=1)
    heads = [(17, 3), (17, 4), (17, 5), (18, 6), (23, 7)]

    @torch.no_grad()
    def sureness(text):
        chances = smollm2.model(text).logits[:, 7:-1].log_softmax(dim=-1)
        return chances.gather(-1, text[:, 8:, None])[..., 0].mean(dim=1)

    lost = []
    for text in (ids, others):
        means = silences_alike(smollm2.model, text)["means"]
        whole = sureness(text)
        with silenced(smollm2.model, means, heads):
            lost.append(whole - sureness(text))
    copied, not_copied = lost
    assert copied.min() > 0 and copied.mean() > 0.8
    assert not_copied.mean() < 0.3
