"""The bars that the committed weights must reach on held-out pairs, and that the bars can fail."""

import copy
import dataclasses

import pytest
import torch
from safetensors.torch import load_file

from lessons.models import encode, grammar, load
from lessons.models.grammar import draws
from lessons.models.judging import evaluate, measure, model_scores as scores
from lessons.models.judging.baselines import diagonal, noun_baselines, word_by_word
from lessons.models.loading import loader

COUNT = 200


@pytest.fixture(scope="module")
def results(encoder, decoder, translator):
    """Every score of the committed weights, by its name."""
    found = [
        score
        for loaded in (encoder, decoder, translator)
        for score in evaluate.evaluate(loaded, count=COUNT, seed=1)
    ]
    return {score.what: score for score in found}


BARS = {
    "'it' → antecedent, best head": 0.97,
    "both halves of an adjective pair right, same head": 0.95,
    "same-gender names → antecedent, best head": 0.95,
    "agreement with an attractor": 0.97,
    "induction: mass on the word after the earlier occurrence, best head": 0.85,
    "translation, exact match": 0.95,
    "alignment of content words, mean of the last layer's heads": 0.93,
}


@pytest.mark.parametrize(("what", "bar"), BARS.items())
def test_committed_weights_reach_the_bar(results, what, bar):
    score = results[what]
    assert score.bar == bar and score.value >= bar, score
    assert score.low <= score.value <= score.high
    assert max(score.baselines.values()) < bar, "a simple rule must not reach it"


def test_every_demanded_score_is_asserted(results):
    assert {what for what, score in results.items() if score.bar} == set(BARS)


def test_baselines_are_near_chance(results):
    rules = results["'it' → antecedent, best head"].baselines
    assert all(0.35 < value < 0.65 for value in rules.values())
    assert results["translation, exact match"].baselines["word by word from a dictionary"] < 0.2


def untrained(loaded):
    """The same architecture with random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = type(loaded.model)._from_config(loaded.model.config, attn_implementation="eager")
    return dataclasses.replace(loaded, model=model.eval())


@pytest.mark.parametrize("name", ["encoder", "decoder", "translator"])
def test_untrained_weights_miss_every_bar(name):
    found = evaluate.evaluate(untrained(load(name)), count=60)
    assert [score.what for score in found if score.bar and score.passed] == []


def test_an_encoder_without_its_best_head_s_keys_misses_the_bar(encoder, results):
    layer, head = results["'it' → antecedent, best head"].head
    model = copy.deepcopy(encoder.model)
    keys = model.distilbert.transformer.layer[layer].attention.k_lin
    with torch.no_grad():
        keys.weight[32 * head : 32 * head + 32] = 0
    broken = dataclasses.replace(encoder, model=model)
    drawn = [grammar.finish(s) for s in sentences("winograd", 100)]
    hits = measure.antecedent_hits(broken, drawn)[:, layer, head]
    assert hits.mean() < 0.7


def sentences(kind: str, count: int):
    """Different test sentences of a kind."""
    return draws.draw_sentences(kind, "test", count, 9)


def test_scores_are_read_off_the_right_positions(encoder):
    """One sentence by hand: the weight from `it` (position 10 with [CLS]) to `trophy` (2)."""
    text = "the trophy does not fit in the suitcase because it is too big ."
    one = grammar.Sentence(tuple(text.split()), "winograd", antecedents=((9, 1),))
    batch = encoder.tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        layers = encoder.model(**batch, output_attentions=True).attentions
    masses = measure.antecedent_masses(encoder, [one])
    for layer, weights in enumerate(layers):
        assert torch.allclose(masses[0, layer], weights[0, :, 10, 2], atol=1e-6)


def test_the_model_changes_its_mind_with_one_word(encoder, results):
    """Big or small, tired or wide: the head follows the adjective."""
    layer, head = results["'it' → antecedent, best head"].head
    for text, noun in (
        ("the trophy does not fit in the suitcase because it is too big .", "trophy"),
        ("the trophy does not fit in the suitcase because it is too small .", "suitcase"),
        ("The animal didn't cross the street because it was too tired.", "animal"),
        ("The animal didn't cross the street because it was too wide.", "street"),
    ):
        batch = encode(encoder, text)
        words = encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[0])
        with torch.no_grad():
            weights = encoder.model(**batch, output_attentions=True).attentions[layer][0, head]
        assert words[weights[words.index("it")].argmax()] == noun, text


def test_the_two_sentences_of_the_notes_are_translated(translator):
    texts = ["Hello, how are you?", "The weather is nice today"]
    assert measure.translate(translator, texts) == [
        "bonjour , comment ça va ?",
        "le temps est agréable aujourd'hui",
    ]


def test_alignment_counts_each_sentence_s_share():
    weights = torch.eye(3)
    links = [((0, 0), (1, 1)), ((0, 0), (1, 2))]
    assert measure.aligned([weights, weights], links).tolist() == [1.0, 0.5]
    assert len(measure.aligned([weights], [()])) == 0


def test_induction_looks_one_word_past_the_earlier_occurrence(decoder):
    drawn = grammar.Sentence(tuple("red ball tom red ball tom".split()), "repeat",
                             repeats=((3, 0), (4, 1), (5, 2)))  # fmt: skip
    batch = decoder.tokenizer(drawn.text, return_tensors="pt")
    with torch.no_grad():
        layers = decoder.model(**batch, output_attentions=True).attentions
    expected = [(w[0, :, 3, 1] + w[0, :, 4, 2]) / 2 for w in layers]
    found = measure.induction_masses(decoder, [drawn])
    assert torch.allclose(found[0], torch.stack(expected), atol=1e-6)


def test_baselines_by_hand():
    text = "the trophy does not fit in the suitcase because it is too small"
    small = grammar.Sentence(tuple(text.split()), "winograd", antecedents=((9, 7),))
    big = dataclasses.replace(small, antecedents=((9, 1),))
    assert noun_baselines([small]) == {"nearest noun": 1.0, "first noun": 0.0}
    assert noun_baselines([small, big]) == {"nearest noun": 0.5, "first noun": 0.5}
    cat = grammar.Translation(
        grammar.Sentence(tuple("the red ball".split()), "x"),
        tuple("la balle rouge".split()), ((0, 0), (1, 2), (2, 1)),
    )  # fmt: skip
    assert diagonal([cat]) == 0.0
    assert word_by_word(cat.source) in ("le rouge balle", "la rouge balle")


def test_too_few_sentences_are_refused():
    with pytest.raises(ValueError, match="at least one trial"):
        scores.proportion("x", [])
    with pytest.raises(ValueError, match="at least two"):
        scores.average("x", torch.zeros(1))


def test_evaluation_repeats_itself_and_draws_different_sentences():
    first, again = sentences("winograd", 50), sentences("winograd", 50)
    assert first == again and len({one.text for one in first}) == 50


def test_weights_hold_nothing_but_numbers():
    files = sorted(loader.WEIGHTS.rglob("model.safetensors"))
    assert [file.parent.name for file in files] == ["decoder", "encoder", "translator"]
    for file in files:
        assert all(torch.isfinite(tensor).all() for tensor in load_file(file).values())
