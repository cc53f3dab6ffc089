"""Steps 1 to 3: what is compared, and what is said of input that cannot be compared."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lab import (
    compare_prefixes,
    compare_sentences,
    follow_steps,
    load_model,
    time_generation,
)
from lab.machine import read, versions, words

BIG = "the trophy does not fit in the suitcase because it is too big ."
SMALL = BIG.replace("big", "small")


def test_the_heads_that_move_with_the_adjective_are_told(encoder):
    found = compare_sentences(encoder, [BIG, SMALL], "it")
    moved = [
        h
        for h, ends in found.facts["heads"].items()
        if [w for w, _ in ends] == ["trophy", "suitcase"]
    ]
    assert len(moved) == 6
    assert found.markdown.count("| yes |") == 10
    assert found.rows(0).shape == (12, 16) and len(found.labels) == 12
    assert found.labels[5] == "it in 1.1"
    assert torch.allclose(found.rows(1).sum(dim=-1), torch.ones(12), atol=1e-5)


def test_equal_sentences_move_nothing(encoder):
    assert "| yes |" not in compare_sentences(encoder, [BIG, BIG], "it").markdown


def test_a_model_of_many_heads_shows_some_and_counts_the_rest():
    minilm = load_model("encoder", source="wheel")
    found = compare_sentences(
        minilm, ["The animal slept, it was tired.", "The street slept, it was wide."], "it"
    )
    lines = [line for line in found.markdown.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 16  # names of columns, a rule, and at most 16 heads
    assert "56 heads are not shown: pass layer=0 to layer=5" in found.markdown
    texts = found.facts["sentences"]
    told = "".join(compare_sentences(minilm, texts, "it", layer=n).markdown for n in range(6))
    assert all(f"| {head} |" in told for head in found.facts["heads"])
    with pytest.raises(ValueError, match="no layer 6: pass one from 0 to 5"):
        compare_sentences(minilm, texts, "it", layer=6)


def test_one_token_has_the_encoders_markers_to_look_at(encoder):
    found = compare_sentences(encoder, ["it", "it is old"], "it")
    assert found.tokens[0] == ["[CLS]", "it", "[SEP]"]


@pytest.mark.parametrize(
    ("sentences", "word", "message"),
    [
        ([BIG], "it", "two or more"),
        (BIG, "it", "two or more"),
        ([BIG, ""], "it", "sentence 2: the text is empty"),
        ([BIG, "the zebra is big because it is"], "it", "does not know 'zebra'"),
        ([BIG, "it is " * 40], "it", "positions: pass a shorter text"),
        ([BIG, "the trophy is big ."], "it", "sentence 2 has no token 'it': pass one of"),
        ([BIG, SMALL], None, "sentence 1 has no token None: pass one of"),
        ([BIG, 7], "it", "sentence 2 is 7, no text"),
    ],
)
def test_sentences_that_cannot_be_compared(encoder, sentences, word, message):
    with pytest.raises(ValueError, match=message):
        compare_sentences(encoder, sentences, word)


def test_the_future_does_not_change_the_past(decoder):
    found = compare_prefixes(decoder, ["the key near the table", "the key near the tables is"])
    assert found.facts["shared"] == 4 and found.facts["change_before"] < 1e-5
    assert found.facts["endings"] == [["table"], ["tables", "is"]]
    assert [one.shape[-1] for one in found.maps] == [5, 6]


def test_a_model_without_mask_is_noticed(encoder):
    """The claim about the past can fail: an encoder has no mask."""
    disguised = replace(encoder, name="decoder")
    found = compare_prefixes(disguised, ["the key is old", "the key is big"])
    assert found.facts["change_before"] > 1e-3


@pytest.mark.parametrize(
    ("prefixes", "message"),
    [
        (["the key"], "two or more"),
        (["the key", "the key"], "two or more"),
        (["the key", "keys are"], "begin differently"),
        (["the key", "the"], "prefix 2 is one token"),
        (["the key", "  "], "prefix 2: the text is empty"),
        (["the key", "the zebra"], "does not know 'zebra'"),
        (["the key", "the key " * 400], "544 positions"),
    ],
)
def test_prefixes_that_cannot_be_compared(decoder, prefixes, message):
    with pytest.raises(ValueError, match=message):
        compare_prefixes(decoder, prefixes)


def test_cross_attention_moves_from_step_to_step(translator):
    found = follow_steps(translator, SMALL, 10)
    assert found.facts["written"] == ["elle", "est"]
    assert found.facts["looks"]["head 1.2"][0][0] == "small"
    assert found.facts["looks"]["head 1.2"][1][0] == "is"
    assert found.weights.shape == (2, 15) and 0 < found.facts["moved"] <= 1


@pytest.mark.parametrize(
    ("sentence", "first", "message"),
    [
        (SMALL, 99, "pass first=0 to first="),
        (SMALL, -1, "pass first=0"),
        (SMALL, "two", "pass first=0"),
        ("", 0, "the sentence: the text is empty"),
        ("the zebra sleeps", 0, "does not know 'zebra'"),
        ("the cat " * 80, 0, "positions"),
    ],
)
def test_steps_that_are_not_there(translator, sentence, first, message):
    with pytest.raises(ValueError, match=message):
        follow_steps(translator, sentence, first)


def test_a_model_that_cannot_do_a_step_is_named(encoder, decoder, translator):
    steps = {
        "encoder or the decoder": lambda model: compare_sentences(model, [BIG, SMALL], "it"),
        "decoder": lambda model: compare_prefixes(model, ["the key", "the keys"]),
        "translator": lambda model: follow_steps(model, BIG, 0),
    }
    for needed, step, given in [
        ("encoder or the decoder", "encoder or the decoder", translator),
        ("decoder", "decoder", encoder),
        ("translator", "translator", decoder),
    ]:
        with pytest.raises(ValueError, match=f"needs the {needed}, and this is the {given.name}"):
            steps[step](given)
    with pytest.raises(ValueError, match="needs the decoder, and this is the encoder: pass lab"):
        time_generation(encoder, "the key", [3])
    with pytest.raises(ValueError, match="this is a GPT2LMHeadModel, no loaded model: pass"):
        compare_prefixes(decoder.model, ["the key", "the keys"])


def test_another_model_from_a_local_folder(tmp_path, decoder):
    """What a learner's own model needs is a folder in the hub's format."""
    config = GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=len(decoder.tokenizer))
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    decoder.tokenizer.save_pretrained(tmp_path)
    own = load_model("decoder", source="hub", where=str(tmp_path))
    found = compare_prefixes(own, ["the key", "the keys"])
    assert "from the local folder" in found.facts["model"]
    assert len(found.facts["looks"][0]) == 1


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match="holds no model"):
        load_model("encoder", where=str(tmp_path))
    with pytest.raises(ValueError, match="pass one of encoder, decoder, translator"):
        load_model("detective")


def test_marks_of_other_tokenizers_are_not_shown(decoder):
    marked = SimpleNamespace(convert_ids_to_tokens=lambda ids: ["Ġkeys", "▁near", "▁"])
    other = SimpleNamespace(tokenizer=marked)
    assert words(other, [1, 2, 3]) == ["keys", "near", "▁"]
    assert read(decoder, "the keys", "the prefix", by=["decoder"])[1] == ["the", "keys"]
    assert versions()["torch"].startswith("2.")
