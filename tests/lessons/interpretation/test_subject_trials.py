"""Beginnings differ in the subject's number alone; one head of each decoder tells the verb."""

import itertools

import pytest
import torch

from lessons.interpretation import (
    after_sentences,
    copied_sureness,
    deciding_head,
    last_sureness,
    number_beginnings,
    said_twice,
    score_telling,
    verbs_turned,
)

SPLITS = ("validation", "test")


@pytest.mark.parametrize("name", ["decoder", "smollm2"])
def test_beginnings_are_what_they_say(name, request):
    loaded = request.getfixturevalue(name)
    words = []
    for split in SPLITS:
        ids, other, right, wrong = number_beginnings(loaded, split=split, count=20)
        assert (ids != other).sum(dim=0).tolist() == [0, 20, 0, 0, 0]
        assert len({tuple(one) for one in ids.tolist()}) == 20
        told = [loaded.tokenizer.decode([one]).strip() for one in right.tolist()]
        assert told == ["is", "are"] * 10
        assert torch.equal(right, wrong.roll(1))
        texts = [one.split() for one in loaded.tokenizer.batch_decode(ids)]
        for at, text in enumerate(texts):
            assert text[1].endswith("s") == bool(at % 2) and text[4].endswith("s") != bool(at % 2)
        words.append({frozenset((text[1], text[4])) for text in texts})
    assert not words[0] & words[1]


@pytest.mark.parametrize("name", ["decoder", "smollm2"])
def test_forms_of_beginnings_place_the_nouns(name, request):
    loaded = request.getfixturevalue(name)
    for form, at, agrees in (
        ("near the {other} the {subject}", 4, False), ("the {subject}", 1, None),
        ("the {subject} near the {same}", 1, True),
    ):  # fmt: skip
        ids, other, right, _ = number_beginnings(loaded, count=6, form=form)
        assert (ids != other).any(dim=0).nonzero()[:, 0].tolist() == [at]
        assert [loaded.tokenizer.decode([one]).strip() for one in right] == ["is", "are"] * 3
        if agrees is not None:
            texts = [one.split() for one in loaded.tokenizer.batch_decode(ids)]
            ends = [[word.endswith("s") for word in (text[at], text[-1 if at == 1 else 2])]
                    for text in texts]  # fmt: skip
            assert all((one == near) is agrees for one, near in ends)


def test_the_head_turns_few_verbs_where_the_subject_is_the_last_word(decoder, smollm2):
    for loaded, head in ((decoder, (2, 2)), (smollm2, (26, 0))):
        for form, turns in (("the {subject} near the {same}", True), ("the {subject}", False)):
            some = number_beginnings(loaded, count=12, form=form)
            alone, one = verbs_turned(loaded, some, [[], [head]]).double().mean(dim=1)
            assert alone == 0 and (one > 0.9 if turns else one < 0.5), (loaded.source, form)


def test_bad_splits_and_counts_are_refused(decoder):
    with pytest.raises(ValueError, match="has no subject"):
        number_beginnings(decoder, form="the {other}")
    with pytest.raises(ValueError, match="there is no split 'train'"):
        number_beginnings(decoder, split="train")
    with pytest.raises(ValueError, match="pass at most"):
        number_beginnings(decoder, count=100_000)


def test_one_head_of_twelve_turns_the_verbs_of_the_books_decoder(decoder):
    chosen = deciding_head(decoder, number_beginnings(decoder, split="validation"))
    every = list(itertools.product(range(3), range(4)))
    found = verbs_turned(decoder, number_beginnings(decoder), [[head] for head in every])
    rates = dict(zip(every, found.double().mean(dim=1).tolist(), strict=True))
    assert rates.pop(chosen) > 0.95 and max(rates.values()) < 0.5


def test_the_chosen_head_depends_on_what_is_tried(decoder):
    some = number_beginnings(decoder, split="validation")
    assert deciding_head(decoder, some, tried=1) != (2, 2)  # the best looking is another


def test_one_head_turns_the_verbs_of_smollm2_and_the_others_of_its_layer_do_not(smollm2):
    known, some = (number_beginnings(smollm2, split=part, count=12) for part in SPLITS)
    score = score_telling(smollm2, known, some, tried=6)
    assert score.head == (26, 0) and score.value > 0.9
    assert score.baselines["the others of its layer"] < 0.1
    assert not verbs_turned(smollm2, some, [[]]).any()  # left alone


def test_sentences_stand_before_and_the_texts_behind(decoder):
    ids = said_twice(decoder, 5, length=4)
    for before in (1, 20, 33):
        longer = after_sentences(decoder, ids, before)
        assert longer.shape == (5, before + 8) and torch.equal(longer[:, before:], ids)
        assert (longer[:, before - 1] == decoder.tokenizer.eos_token_id).all()
    assert len({tuple(one) for one in longer[:, :33].tolist()}) == 5


def test_the_last_tokens_at_other_places(decoder):
    ids = said_twice(decoder, 8)
    usual = last_sureness(decoder.model, ids, 9)
    assert torch.equal(usual, copied_sureness(decoder.model, ids))
    late = last_sureness(decoder.model, ids, 9, places=torch.arange(20) + 60)
    assert (late < usual).all()
    with torch.no_grad():
        said = decoder.model(ids).logits.log_softmax(dim=-1)
    one = [said[0, at - 1, ids[0, at]] for at in range(11, 20)]
    assert torch.allclose(usual[0], torch.stack(one).mean(), atol=1e-5)
