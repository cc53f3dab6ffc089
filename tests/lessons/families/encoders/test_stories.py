"""A head on the first vector is BERT's own, and it learns what its wrong pairs differ in."""

import pytest
import torch
from transformers import BertConfig, BertForNextSentencePrediction

from lessons.families import (
    FirstVectorHead,
    draw_story_rows,
    from_transformers,
    pair_loss,
    share_noticed,
    small_bert,
    stories,
    story_pairs,
)
from lessons.families.encoders.stories import HEROES, TIMES, WORDS, WRONG
from lessons.fit import fit


def drawn(wrong, count=40, seed=0):
    return story_pairs(count, wrong=wrong, generator=torch.Generator().manual_seed(seed))


def told(sentence):
    time, hero, _ = sentence.split()
    return TIMES.index(time), hero


def differs_in(pair):
    """Return whether the second sentence has another hero, and whether its time is not next."""
    (before, one), (after, other) = told(pair.first), told(pair.second)
    return one != other, after != before + 1


def test_the_head_is_that_of_transformers_bert_for_pairs():
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    theirs = BertForNextSentencePrediction(BertConfig(**sizes, num_hidden_layers=2, vocab_size=20))
    theirs = theirs.double().eval()
    ours = FirstVectorHead(16, answers=2).double()
    ours.pooler.load_state_dict(theirs.bert.pooler.dense.state_dict())
    ours.to_answer.load_state_dict(theirs.cls.seq_relationship.state_dict())
    ids, segments = torch.randint(20, (3, 7)), torch.tensor([[0, 0, 0, 0, 1, 1, 1]]).expand(3, -1)
    body = from_transformers(theirs.bert)
    logits = theirs(input_ids=ids, token_type_ids=segments).logits
    assert torch.allclose(ours(body(ids, segments=segments)), logits, atol=1e-10)
    assert not torch.allclose(ours(body(ids, segments=segments).flip(1)), logits, atol=1e-3)


def test_each_hero_has_stories_from_dawn_to_night():
    some = stories(8, generator=torch.Generator())
    assert [{told(one)[1] for one in story} for story in some] == [{one} for one in HEROES * 2]
    assert all([told(one)[0] for one in story] == [0, 1, 2, 3] for story in some)


@pytest.mark.parametrize("wrong", WRONG)
def test_right_pairs_follow_and_half_are_right(wrong):
    pairs = drawn(wrong)
    right = [pair for pair in pairs if pair.follows]
    assert 0.3 < len(right) / len(pairs) < 0.7 and len(pairs) == 120
    assert all(differs_in(pair) == (False, False) for pair in right)


def test_wrong_pairs_differ_in_what_they_should():
    kinds = {w: {differs_in(pair) for pair in drawn(w) if not pair.follows} for w in WRONG}
    assert kinds["same place"] == {(True, False)}
    assert kinds["swapped"] == {(False, True)}
    assert (True, True) in kinds["any"]


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="pass one of any, same place, swapped"):
        drawn("other")
    with pytest.raises(ValueError, match="pass at least 2"):
        drawn("swapped", count=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_model_learns_what_its_wrong_pairs_differ_in(seed):
    noticed = {}
    for way in ("same place", "swapped"):
        judge = small_bert(len(WORDS), positions=9, seed=seed)
        draw = draw_story_rows(wrong=way)
        fit(judge, draw, pair_loss, steps=200, learning_rate=0.005, seed=seed)
        noticed[way] = {wrong: share_noticed(judge, wrong=wrong) for wrong in WRONG}
    assert min(noticed[way][way] for way in noticed) > 0.8
    assert max(noticed["same place"]["swapped"], noticed["swapped"]["same place"]) < 0.05
