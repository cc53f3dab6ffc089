"""Watching works for any model, says what is wrong with a text, and tells past from future."""

from dataclasses import replace

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.interpretation import changes_between, watch_reading, watch_translating
from lessons.interpretation.watching import _shown


@pytest.fixture
def uncausal(decoder):
    """The decoder, but each token sees the whole text: what a broken mask would do."""
    model = GPT2LMHeadModel(GPT2Config(**decoder.model.config.to_dict())).eval()
    model.load_state_dict(decoder.model.state_dict())
    model.set_attn_implementation("eager")
    inner = model.transformer.forward

    def forward(input_ids=None, **options):
        length = input_ids.shape[-1]
        mask = torch.zeros(1, 1, length, length)
        return inner(input_ids, **{**options, "attention_mask": mask})

    model.transformer.forward = forward
    return replace(decoder, model=model)


def test_the_weights_are_the_models_own(encoder):
    text = "the cat sleeps ."
    seen = watch_reading(encoder, text)
    batch = encoder.tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        theirs = encoder.model(**batch, output_attentions=True).attentions
    assert torch.equal(seen.weights, torch.cat(theirs))
    assert seen.queries == seen.keys == ["[CLS]", "the", "cat", "sleeps", ".", "[SEP]"]
    assert torch.equal(seen.head(1, 2), theirs[1][0, 2])
    assert torch.allclose(seen.head(1), theirs[1][0].mean(dim=0))


def test_a_row_of_cross_attention_is_the_step_that_writes_its_token(translator):
    seen = watch_translating(translator, "tom 's red car is old")
    assert seen.queries[1:3] == ["voiture", "rouge"] and seen.keys[2:4] == ["red", "car"]
    assert seen.strongest("voiture", 1)[0] == "car"
    assert seen.strongest("rouge", 1)[0] == "red"
    assert seen.weights.shape == (2, 4, len(seen.queries), len(seen.keys))
    assert len(watch_translating(translator, "tom is old", max_new_tokens=1).queries) == 1


def test_the_last_of_several_tokens_counts(decoder):
    seen = watch_reading(decoder, "the cat sees the dog")
    weight, key = seen.head(0, 0)[3].max(dim=0)
    assert seen.strongest("the", 0, 0) == (seen.keys[key], float(weight))


def test_one_token_is_a_text(decoder, encoder):
    assert watch_reading(decoder, "tom").weights.shape[-2:] == (1, 1)
    assert watch_reading(encoder, "tom").queries == ["[CLS]", "tom", "[SEP]"]


def test_a_late_word_changes_nothing_before_it_in_a_decoder_alone(decoder, encoder, uncausal):
    texts = "the keys near the table are old .", "the keys near the table are big ."
    ahead = changes_between(decoder, *texts)
    assert ahead.tokens[ahead.shared] == "old"
    assert ahead.vectors[: ahead.shared].max() < 1e-5 < 0.1 < ahead.vectors[ahead.shared]
    for broken in (encoder, uncausal):
        both = changes_between(broken, *texts)
        assert both.vectors[: both.shared].max() > 1e-3


def test_texts_of_different_lengths_are_compared_as_far_as_both_go(decoder):
    changes = changes_between(decoder, "tom sleeps", "tom is old .")
    assert changes.tokens == ["tom", "sleeps"] and changes.shared == 1
    assert changes.vectors[0] < 1e-5


@pytest.mark.parametrize("texts", [("tom sleeps", "tom sleeps"), ("tom sleeps", "ben sleeps")])
def test_texts_that_cannot_be_compared(decoder, texts):
    with pytest.raises(ValueError, match="change a word, but not the first"):
        changes_between(decoder, *texts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" ", "at least one word"),
        ("the dinosaur sleeps", "does not know 'dinosaur'.*source='wheel'"),
        ("big " * 600, "pass a shorter text"),
    ],
)
@pytest.mark.parametrize("name", ["encoder", "decoder", "translator"])
def test_texts_that_a_model_cannot_read(request, name, text, told):
    watch = watch_translating if name == "translator" else watch_reading
    with pytest.raises(ValueError, match=told):
        watch(request.getfixturevalue(name), text)


def test_layers_heads_and_words_that_are_not_there(decoder):
    seen = watch_reading(decoder, "tom sleeps")
    for layer, head, told in (
        (3, 0, "pass one from 0 to 2"),
        (-1, None, "no layer -1"),
        (0, 4, "no head 4 in layer 0: pass one from 0 to 3, or None"),
        (0, -1, "no head -1"),
    ):
        with pytest.raises(ValueError, match=told):
            seen.head(layer, head)
    with pytest.raises(ValueError, match="no token is 'it': pass one of tom, sleeps"):
        seen.strongest("it", 0)


def test_the_wrong_kind_of_model(decoder, translator):
    with pytest.raises(ValueError, match=r"no cross-attention.*watch_reading"):
        watch_translating(decoder, "tom sleeps")
    for watch in (watch_reading, lambda *given: changes_between(*given, "tom is old")):
        with pytest.raises(ValueError, match="call watch_translating"):
            watch(translator, "tom sleeps")


def test_signs_for_spaces_are_not_shown(decoder, monkeypatch):
    decoded = [" the", "##ing", " ", "</s>"]
    monkeypatch.setattr(type(decoder.tokenizer), "decode", lambda _, ids: decoded[ids[0]])
    assert _shown(decoder.tokenizer, [0, 1, 2, 3]) == ["the", "##ing", "␣", "</s>"]
