"""What limits transformers, measured on the book's models; calibration from scratch."""

import itertools
import random

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, gelu, pre_norm
from lessons.generation.cache import KeyValueCache
from lessons.limits import (
    agreement_shares,
    antecedent_chances,
    attractor_chain,
    calibration_error,
    chosen_and_fresh,
    decoder_state_bytes,
    decoder_step_flops,
    earlier_text,
    hits_by_place,
    learned_from,
    lstm_state_bytes,
    lstm_step_flops,
    reliability,
    repetition_hits,
    undecidable,
    untrained,
)
from lessons.models import encode
from lessons.models.grammar import Sentence, lexicon
from lessons.models.grammar.draws import draw_sentences
from support import few, same


def counted_flops(function, *inputs, **options):
    with FlopCounterMode(display=False) as counter:
        function(*inputs, **options)
    return counter.get_total_flops()


# ---------------------------------------------------------------- growth


@pytest.mark.parametrize("tokens", [0, 1, 7])
def test_a_decoder_s_step_is_what_torch_counts(tokens):
    block = EncoderBlock(
        Attention(16, 2), FeedForward(16, 64, gelu), norm=lambda: LayerNorm(16), residual=pre_norm
    )
    cache = KeyValueCache(capacity=tokens + 1)
    if tokens:
        block(torch.zeros(1, tokens, 16), cache=cache)
    counted = counted_flops(block, torch.zeros(1, 1, 16), cache=cache)
    assert decoder_step_flops(tokens, 16, layers=3) == 3 * counted
    assert decoder_state_bytes(tokens + 1, 16, layers=3) == 3 * cache.nbytes


def test_an_lstm_s_step_is_what_torch_counts():
    layer = nn.LSTMCell(16, 16)
    state = layer(torch.zeros(1, 16))
    assert lstm_step_flops(16, layers=3) == 3 * counted_flops(layer, torch.zeros(1, 16), state)
    assert lstm_state_bytes(16, layers=3) == 3 * sum(part.nbytes for part in state)


def test_one_grows_and_the_other_does_not():
    bytes_of = [decoder_state_bytes(n, 64, layers=2) for n in (100, 200)]
    assert bytes_of[1] == 2 * bytes_of[0] > lstm_state_bytes(64, layers=2)


# ---------------------------------------------------------------- calibration


def test_reliability_by_hand():
    confidence = torch.tensor([0.55, 0.6, 0.9, 1.0, 0.0], dtype=torch.float64)
    right = torch.tensor([True, False, True, True, False])
    found = reliability(confidence, right, bins=5)
    # 0 is in the first bin, 0.55 and 0.6 in the third, 0.9 and 1 in the last.
    same(found.confidence, torch.tensor([0.0, 0.575, 0.95], dtype=torch.float64))
    same(found.accuracy, torch.tensor([0.0, 0.5, 1.0]).double())
    assert found.answers.tolist() == [1, 2, 2]
    by_hand = (1 * 0 + 2 * 0.075 + 2 * 0.05) / 5
    assert calibration_error(confidence, right, bins=5) == pytest.approx(by_hand, abs=1e-12)


@few
@given(
    answers=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30),
    bins=st.integers(1, 12),
)
def test_the_calibration_error_is_its_definition(answers, bins):
    confidence = torch.tensor([one for one, _ in answers], dtype=torch.float64)
    right = torch.tensor([one for _, one in answers])
    total, edges = 0.0, torch.arange(bins + 1, dtype=torch.float64) / bins
    for b in range(bins):
        low = edges[b] if b else -1.0
        inside = (confidence > low) & (confidence <= edges[b + 1])
        if inside.any():
            total += abs(float((right[inside].double() - confidence[inside]).sum()))
    found = calibration_error(confidence, right, bins=bins)
    assert found == pytest.approx(total / len(answers), abs=1e-12)


def test_an_honest_forecaster_is_calibrated_and_a_boaster_is_not():
    generator = torch.Generator().manual_seed(0)
    chance = torch.rand(50_000, generator=generator, dtype=torch.float64)
    right = torch.rand(50_000, generator=generator, dtype=torch.float64) < chance
    assert calibration_error(chance, right) < 0.01
    assert calibration_error(chance.sqrt(), right) > 0.1
    # Right on average is not enough: the bins tell.
    assert calibration_error(1 - chance, right) > 0.4


@pytest.mark.parametrize(
    ("confidence", "bins", "match"),
    [([], 3, "at least one"), ([0.5], 0, "at least one"), ([1.5], 3, "probabilities, not logits")],
)
def test_wrong_confidences_are_refused(confidence, bins, match):
    with pytest.raises(ValueError, match=match):
        reliability(torch.tensor(confidence), torch.ones(len(confidence)).bool(), bins=bins)


# ---------------------------------------------------------------- distance


def test_repetitions_are_asked_at_the_right_place(decoder):
    """With teacher forcing by hand, on one text."""
    hits = repetition_hits(decoder, 6, texts=1, seed=3)
    from lessons.models.grammar.corpus import open_words

    said = random.Random(3).sample(open_words(), 6)
    ids = encode(decoder, " ".join(said + said)).input_ids
    for place in range(1, 6):
        with torch.no_grad():
            guess = decoder.model(input_ids=ids[:, : 6 + place]).logits[0, -1].argmax()
        assert hits[0, place - 1] == (guess == ids[0, 6 + place])


@pytest.mark.parametrize("seed", range(2))
def test_the_place_decides_and_not_the_distance(decoder, seed):
    """Early, four times the distances of the training are bridged; late, not the shortest."""
    hits = repetition_hits(decoder, 40, texts=10, seed=seed).double().mean(dim=0)
    assert hits[: 64 - 40].mean() > 0.8 > 0.5 > hits[64 - 40 :].mean()
    for how in ({"before": 100}, {"before": 20, "shift": 40}):
        assert repetition_hits(decoder, 10, texts=10, seed=seed, **how).double().mean() < 0.15
    other = repetition_hits(decoder, 10, before=20, shift=20, texts=10, seed=seed)
    assert other.double().mean() > 0.9  # other numbers alone do no harm, while they are early
    early, late = hits_by_place(decoder, 40, (0,), edge=64)
    everywhere = repetition_hits(decoder, 40).double().mean()
    assert (24 * early + 15 * late) / 39 == pytest.approx(float(everywhere))


def test_text_before_is_that_of_the_training(decoder):
    found = earlier_text(decoder, 50, random.Random(1))
    assert len(found) == 50 and found[-1] == decoder.tokenizer.get_vocab()["<|endoftext|>"]
    assert earlier_text(decoder, 0, random.Random(1)) == []


@pytest.mark.parametrize("words", [1, 1000])
def test_too_few_or_many_words_are_refused(decoder, words):
    with pytest.raises(ValueError, match="pass 2 to"):
        repetition_hits(decoder, words)


@pytest.mark.parametrize("attractors", [0, 1, 5])
@pytest.mark.parametrize("plural", [False, True])
def test_a_chain_has_one_subject_and_its_attractors(attractors, plural):
    number = {noun.plural: True for noun in lexicon.NOUNS}
    number |= {noun.singular: False for noun in lexicon.NOUNS}
    words = attractor_chain(attractors, plural, random.Random(0)).split()
    found = [number[word] for word in words if word in number]
    assert found == [plural] + [not plural] * attractors
    words = attractor_chain(attractors, plural, random.Random(0), attract=False).split()
    assert [number[word] for word in words if word in number] == [plural] * (attractors + 1)


@pytest.mark.parametrize("seed", range(2))
def test_agreement_holds_near_and_fails_far(decoder, seed):
    near, far = (agreement_shares(decoder, n, texts=60, seed=seed) for n in (2, 12))
    assert (near > 0.5).double().mean() > 0.95
    right, sure = (far > 0.5).double().mean(), torch.maximum(far, 1 - far).mean()
    assert right < 0.75 and sure > right + 0.1
    same = agreement_shares(decoder, 12, attract=False, texts=60, seed=seed)
    assert (same > 0.5).double().mean() > right + 0.2


# ---------------------------------------------------------------- ambiguity, head noise, hunger


def test_only_the_adjective_is_exchanged():
    for sentence in draw_sentences("winograd", "test", 30, 0):
        other = undecidable(sentence, random.Random(0))
        changed = [(a, b) for a, b in zip(sentence.tokens, other.tokens, strict=True) if a != b]
        assert len(changed) == 1 and changed[0][1] in lexicon.COLORS
        assert changed[0][1] not in sentence.tokens
        assert other.antecedents == sentence.antecedents
    with pytest.raises(ValueError, match="pass a Winograd sentence"):
        undecidable(Sentence(("tom", "sleeps"), kind="plain"), random.Random(0))


def test_the_two_nouns_are_read_at_the_pronoun(encoder):
    """By hand, on one sentence of each order."""
    sentences = draw_sentences("winograd", "test", 6, 1)
    found = antecedent_chances(encoder, sentences)
    vocabulary = encoder.tokenizer.get_vocab()
    for row, sentence in zip(found, sentences, strict=True):
        with torch.no_grad():
            logits = encoder.model(**encode(encoder, sentence.text)).logits[0]
        pronoun, antecedent = sentence.antecedents[-1]
        chances = logits[pronoun + 1].softmax(dim=-1)
        torch.testing.assert_close(
            row[0], chances[vocabulary[sentence.tokens[antecedent]]], rtol=0, atol=1e-5
        )
        nouns = {noun.singular for noun in lexicon.NOUNS} | {n.plural for n in lexicon.NOUNS}
        names = [word for word in sentence.tokens if word in nouns]
        (rival,) = [word for word in names if word != sentence.tokens[antecedent]]
        torch.testing.assert_close(row[1], chances[vocabulary[rival]], rtol=0, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_encoder_is_calibrated_where_there_is_an_answer_only(encoder, seed):
    sentences = draw_sentences("winograd", "test", 200, seed)
    rng = random.Random(seed)
    errors, sure = [], []
    for some in (sentences, [undecidable(one, rng) for one in sentences]):
        chances = antecedent_chances(encoder, some)
        confidence = chances.amax(dim=1) / chances.sum(dim=1)
        errors.append(calibration_error(confidence, chances[:, 0] > chances[:, 1]))
        sure.append(confidence.mean().item())
    assert errors[0] < 0.03 and errors[1] > 0.1 and sure[1] > 0.65


def test_an_untrained_model_has_the_same_shape_and_other_weights(encoder):
    before = torch.random.get_rng_state()
    fresh = untrained(encoder, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())
    pairs = zip(encoder.model.parameters(), fresh.model.parameters(), strict=True)
    assert all(a.shape == b.shape for a, b in pairs)
    weights = [untrained(encoder, seed=seed).model.state_dict() for seed in (1, 1, 2)]
    name = "distilbert.embeddings.word_embeddings.weight"
    assert torch.equal(weights[0][name], weights[1][name])
    assert not torch.equal(weights[0][name], weights[2][name])


def test_a_head_chosen_on_few_sentences_shrinks_on_fresh_ones(encoder):
    gaps = []
    for seed in range(3):
        some = draw_sentences("winograd", "validation", 10, seed)
        fresh = draw_sentences("winograd", "test", 150, seed)
        chosen, later = chosen_and_fresh(untrained(encoder, seed=seed), some, fresh)
        gaps.append(chosen - later)
    assert sum(gaps) / 3 > 0.03
    assert min(chosen_and_fresh(encoder, some, fresh)) > 0.95


def test_there_must_be_an_example():
    with pytest.raises(ValueError, match="at least 1"):
        learned_from(0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_few_texts_are_learned_by_heart_and_many_teach_the_rule(seed):
    few_known, few_fresh = learned_from(16, seed=seed)
    _, many_fresh = learned_from(1024, seed=seed)
    assert few_known > 0.95 and few_fresh < 0.5 and many_fresh > 0.9


def test_flops_of_all_lengths_are_a_straight_line():
    steps = [decoder_step_flops(n, 8, layers=1) for n in range(5)]
    assert {b - a for a, b in itertools.pairwise(steps)} == {32}
