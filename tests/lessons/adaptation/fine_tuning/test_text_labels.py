"""An encoder with a head says what *it* means, also of adjectives that had no label."""

from dataclasses import replace

import pytest
import torch

from lessons import adaptation
from lessons.adaptation.fine_tuning.text_labels import KEPT_BACK
from lessons.fit import fit
from lessons.models import load


@pytest.fixture(scope="module")
def encoder():
    return load("encoder", source="book")


def drawn(split="train", count=12, *, back=False):
    return adaptation.it_sentences(split, count, kept_back=back)


@pytest.mark.parametrize("back", [True, False])
def test_the_adjective_is_kept_back_or_not(back):
    assert {one.tokens[-2] in KEPT_BACK for one in drawn(count=40, back=back)} == {back}


def test_a_label_is_right_by_the_words(encoder):
    some = [one for one in drawn(count=60) if one.tokens[-2] in ("old", "young", "lazy", "busy")]
    labels = adaptation.label_rows(encoder, some).labels.tolist()
    assert labels == [int(one.tokens[-2] in ("young", "busy")) for one in some]
    assert 0 < sum(labels) < len(labels)


def test_padding_changes_no_answer(encoder):
    rows, reader = adaptation.label_rows(encoder, drawn()), adaptation.label_reader(encoder)
    together = reader(rows.ids, visible=rows.visible)
    assert rows.visible.logical_not().any()
    for at, row in enumerate(rows.ids):
        alone = row[rows.visible[at, 0, 0]][None]
        assert torch.allclose(reader(alone), together[at], atol=1e-4)
    assert not torch.allclose(reader(rows.ids), together, atol=1e-2)  # the padding seen


def test_the_encoder_given_stays_as_it_is(encoder):
    before = {name: one.clone() for name, one in encoder.model.state_dict().items()}
    rows, reader = adaptation.label_rows(encoder, drawn()), adaptation.label_reader(encoder)
    draw = adaptation.draw_label_rows(rows, count=4)
    fit(reader, draw, adaptation.label_loss, steps=1, learning_rate=0.1)
    adaptation.fit_label_head(adaptation.label_reader(encoder), rows)
    assert all(torch.equal(one, before[name]) for name, one in encoder.model.state_dict().items())


def test_a_vector_is_the_one_of_the_token(encoder):
    rows, reader = adaptation.label_rows(encoder, drawn()), adaptation.label_reader(encoder)
    it = encoder.tokenizer.get_vocab()["it"]
    first = adaptation.vectors_for_a_label(reader, rows).states[:, 0]
    there = adaptation.vectors_for_a_label(reader, rows, token=it).states[:, 0]
    reader.head = torch.nn.Identity()
    stream = reader(rows.ids, visible=rows.visible)
    assert torch.allclose(first, stream[:, 0], atol=1e-5)
    assert torch.allclose(there, stream[rows.ids == it], atol=1e-5)
    with pytest.raises(ValueError, match="a text lacks token 10000"):
        adaptation.vectors_for_a_label(reader, rows, token=10_000)


def test_no_text_an_empty_class_and_a_text_too_long_are_told(encoder):
    reader = adaptation.label_reader(encoder)
    with pytest.raises(ValueError, match="there is no sentence: pass at least one"):
        adaptation.label_rows(encoder, [])
    rows = adaptation.label_rows(encoder, drawn(count=40))
    firsts = adaptation.LabelRows(*(part[rows.labels == 0] for part in rows))
    with pytest.raises(ValueError, match="class 1 has no example: pass some of each class"):
        adaptation.draw_label_rows(firsts, count=4)
    with pytest.raises(ValueError, match="class 1 has no example"):
        adaptation.fit_label_head(reader, firsts)
    long = replace(drawn(count=1)[0], tokens=("the",) * 63)
    with pytest.raises(ValueError, match="the text has 65 tokens, the model 64 positions: pass"):
        adaptation.label_loss(reader, adaptation.label_rows(encoder, [long]))


def test_the_list_knows_its_own_words_alone():
    known = [one for one in drawn(count=60) if one.tokens[-2] in ("old", "young")]
    assert adaptation.right_by_list(known, known) == 1
    others = drawn(count=100, back=True)
    assert 0.25 < adaptation.right_by_list(known, others) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_a_label_needs_comes_from_pretraining(encoder, seed):
    known = adaptation.it_sentences("train", 64, kept_back=False, seed=seed)
    asked = [adaptation.it_sentences("test", 200, kept_back=back) for back in (False, True)]
    rows, told = (
        adaptation.label_rows(encoder, known),
        [adaptation.label_rows(encoder, one) for one in asked],
    )
    right = {}
    for name, trained, rate in (("whole", True, 0.001), ("scratch", False, 0.003)):
        reader = adaptation.label_reader(encoder, pretrained=trained, seed=seed)
        draw = adaptation.draw_label_rows(rows, count=16)
        options = {"steps": 40, "learning_rate": rate, "warm_up": 5, "seed": seed}
        fit(reader, draw, adaptation.label_loss, **options)
        right[name] = [adaptation.labels_right(reader, one) for one in told]
    for name, token in (("first", None), ("it", encoder.tokenizer.get_vocab()["it"])):
        base = adaptation.label_reader(encoder)
        head = adaptation.fit_label_head(base, rows, token=token, seed=seed)
        right[name] = [head.labels_right(one) for one in told]
    assert min(right["whole"]) > 0.9 and right["scratch"][1] < 0.7
    assert adaptation.right_by_list(known, asked[1]) < 0.7
    assert right["it"][1] > right["first"][1] + 0.05
