"""Each planted fault raises its own diagnostic, and no other; a healthy model raises none."""

import dataclasses
import itertools
import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from lessons.attention import causal_mask, masked_softmax, padding_mask
from lessons.limits import (
    Parts,
    Patient,
    diagnose,
    diagnosis_table,
    draw_mistyped_texts,
    draw_texts,
    drawing_from,
    faults,
    honest_mask,
    loss_floor,
    loss_of,
    next_tokens,
    overlap_share,
    repeated_share,
    share_right as right,
    shifted_by,
    smoothed,
    sure_from_the_start,
    targets_misplaced,
    train,
)
from lessons.limits.saying_again import HALF, LETTERS, PADDING, SHORTEST
from lessons.limits.troubleshooting.diagnosis import DIAGNOSTICS
from support import few, same

FAULTS = faults()
NAMES = list(FAULTS)
WIDE = {"d_model": 64, "heads": 1, "layers": 3}
NARROW = {"d_model": 24, "heads": 4, "layers": 1}
EXAMINED = [pytest.param(seed, {}, marks=pytest.mark.slow) for seed in range(5)]
EXAMINED += [(0, WIDE), (0, NARROW)]


def raised(parts, *, seed=0, **sizes):
    found = diagnose(Patient(parts, seed=seed, **sizes), seed=seed)
    return {name for name, finding in found.items() if finding.raised}


@pytest.mark.parametrize(("seed", "sizes"), EXAMINED, ids=str)
def test_a_healthy_model_raises_no_diagnostic(seed, sizes):
    assert raised(Parts(), seed=seed, **sizes) == set()


@pytest.mark.parametrize(("seed", "sizes"), EXAMINED, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_raises_its_own_diagnostic_and_no_other(name, seed, sizes):
    assert raised(FAULTS[name], seed=seed, **sizes) == {name}


def test_each_fault_replaces_one_part():
    for parts in FAULTS.values():
        values = dataclasses.asdict(parts), dataclasses.asdict(Parts())
        assert sum(values[0][part] != values[1][part] for part in values[0]) == 1
    assert NAMES == list(DIAGNOSTICS)


def no_mask(tokens, padding):
    real = torch.arange(tokens) >= padding[:, None]
    return real[:, None, None, :].expand(-1, 1, tokens, -1)


def softmax_over_heads(scores, visible):
    return torch.softmax(scores.masked_fill(~visible, -1e9), dim=1) * visible


def scaled_twice(query, key):
    return query @ key.mT / query.shape[-1]


def half_scaled(query, key):
    return query @ key.mT / query.shape[-1] ** 0.25


def hide_the_first_real_token_instead(tokens, padding):
    real = torch.arange(tokens) >= (padding - 1)[:, None]
    return causal_mask(tokens, tokens) & real[:, None, None, :]


def forget_the_tokens_places(embedded, positions):
    return embedded + positions[:, :1]


def five_times_too_large(weight, generator):
    weight.normal_(std=5 * weight.shape[1] ** -0.5, generator=generator)


def unused_softmax(scores, visible):
    return masked_softmax(scores, visible) * 0.9


RELATED = [
    ("mask leak", {"mask": no_mask}),
    ("softmax axis", {"normalize": softmax_over_heads}),
    ("softmax axis", {"normalize": unused_softmax}),
    ("no scale", {"compare": scaled_twice}),
    ("no scale", {"compare": half_scaled}),
    ("padding attended", {"mask": hide_the_first_real_token_instead}),
    ("no positions", {"place": forget_the_tokens_places}),
    ("targets not shifted", {"targets": partial(shifted_by, 2)}),
    ("learning rate", {"learning_rate": 0.1}),
    ("learning rate", {"learning_rate": 10.0}),
    ("initialization", {"start": five_times_too_large}),
]


@pytest.mark.parametrize(("name", "change"), RELATED)
def test_relatives_of_a_fault_raise_the_same_diagnostic(name, change):
    assert raised(Parts(**change)) == {name}


def both(first, second):
    """Return the parts with two faults, or None where both replace the same part."""
    healthy, changed = Parts(), {}
    for name in (first, second):
        for part in dataclasses.fields(Parts):
            value = getattr(FAULTS[name], part.name)
            if value != getattr(healthy, part.name):
                if part.name in changed:
                    return None
                changed[part.name] = value
    return Parts(**changed)


# What the chapter says of two faults at once.
UNCLEAR = {
    ("mask leak", "softmax axis"): {"mask leak", "softmax axis", "padding attended"},
    ("softmax axis", "no positions"): {"softmax axis"},
}


@pytest.mark.parametrize("pair", list(itertools.combinations(NAMES, 2)))
def test_two_faults_raise_both_diagnostics_but_for_two_pairs(pair):
    if (parts := both(*pair)) is not None:
        assert raised(parts) == UNCLEAR.get(pair, set(pair))


def test_rows_that_sum_to_the_same_hide_no_missing_positions():
    parts = Parts(normalize=unused_softmax, place=FAULTS["no positions"].place)
    assert raised(parts) == {"softmax axis", "no positions"}


def tiny(weight, generator):
    weight.normal_(std=1e-3, generator=generator)


def test_a_start_that_is_too_small_is_not_noticed_at_the_first_loss():
    """The blind spot that an exercise asks for."""
    assert not sure_from_the_start(Patient(Parts(start=tiny))).raised


def test_a_trained_healthy_model_raises_none_but_the_one_for_untrained_models():
    model, _ = train(Parts(), steps=60)
    found = {name for name, finding in diagnose(model).items() if finding.raised}
    assert found <= {"initialization"}


def test_the_end_to_end_test_of_the_future_cannot_tell_two_faults_apart():
    """What the chapter shows: change the last token, and the outputs before it move."""

    def moves(parts):
        model = Patient(parts)
        ids, padding = torch.arange(1, 11)[None], torch.tensor([0])
        other = ids.clone()
        other[:, -1] = 16
        change = (model(ids, padding) - model(other, padding))[:, :-1].abs().max()
        return change.item() > 1e-4

    assert not moves(Parts())
    assert {name for name in NAMES if moves(FAULTS[name])} == {"mask leak", "softmax axis"}


def test_findings_say_what_they_saw():
    sentences = {name: DIAGNOSTICS[name](Patient(FAULTS[name])).sentence for name in NAMES}
    assert "4.00 times q·k/√d_head" in sentences["no scale"]  # √16
    assert "0 places" in sentences["targets not shifted"]
    assert "not 1" in sentences["softmax axis"]
    assert len(set(sentences.values())) == 8


def test_targets_without_a_label_are_misplaced():
    none = Patient(Parts(targets=partial(shifted_by, 99)))
    assert targets_misplaced(none) == (True, "no token has a label")


def test_the_table_has_a_cross_for_each_finding():
    found = {"healthy": diagnose(Patient(Parts())), "bad": diagnose(Patient(FAULTS["no scale"]))}
    lines = diagnosis_table(found).splitlines()
    assert lines[1].split() == ["healthy", *"········"]
    assert lines[2].split() == ["bad", *"··X·····"]
    with pytest.raises(ValueError, match="pass at least one"):
        diagnosis_table({})


# ---------------------------------------------------------------- the task and its floor


@few
@given(seed=st.integers(0, 999), texts=st.integers(1, 40))
def test_texts_say_their_letters_again(seed, texts):
    ids, padding = draw_texts(torch.Generator().manual_seed(seed), texts=texts)
    assert ids.shape == (texts, 2 * HALF)
    for row, pad in zip(ids.tolist(), padding.tolist(), strict=True):
        real = row[pad:]
        assert row[:pad] == [PADDING] * pad and SHORTEST <= len(real) <= 2 * HALF
        assert all(1 <= letter <= LETTERS for letter in real)
        assert real[HALF:] == real[: len(real) - HALF]


def perfect(ids, padding):
    """Return the log-probabilities of a model that knows all that can be known."""
    places = torch.arange(ids.shape[1]) - padding[:, None]
    following = F.one_hot(ids.roll(-1, dims=1), LETTERS + 1).double()
    even = torch.full_like(following, 1 / LETTERS)
    even[..., PADDING] = 0
    return torch.where((places >= HALF - 1)[..., None], following, even).clamp(min=1e-30).log()


def test_the_floor_is_what_a_perfect_model_pays():
    losses = []
    generator = torch.Generator().manual_seed(0)
    ids, padding = draw_texts(generator, texts=20_000)
    labels = next_tokens(ids, padding)
    losses = F.cross_entropy(perfect(ids, padding).flatten(0, 1), labels.flatten())
    assert losses.item() == pytest.approx(loss_floor(), abs=0.01)
    by_hand = 5 * 5 * math.log(16) / (7 + 8 + 9 + 10 + 11)
    assert loss_floor() == pytest.approx(by_hand, abs=1e-12)


def test_the_share_counts_what_can_be_known_and_nothing_else():
    ids, padding = draw_texts(torch.Generator().manual_seed(1), texts=50)
    knowing = perfect(ids, padding)
    assert right(knowing, ids, padding) == 1.0
    assert right(knowing.roll(1, dims=-1), ids, padding) == 0.0
    # What comes before is not asked for.
    places = torch.arange(ids.shape[1]) - padding[:, None]
    knowing[places < HALF - 1] = 0.0
    assert right(knowing, ids, padding) == 1.0


# ---------------------------------------------------------------- the healthy parts


@few
@given(tokens=st.integers(1, 6), data=st.data())
def test_the_honest_mask_hides_the_future_and_the_padding(tokens, data):
    padding = data.draw(st.lists(st.integers(0, tokens), min_size=1, max_size=4))
    visible = honest_mask(tokens, torch.tensor(padding))
    for row, pad in enumerate(padding):
        for i, j in itertools.product(range(tokens), repeat=2):
            assert visible[row, 0, i, j] == (pad <= j <= i)
    flipped = padding_mask([tokens - pad for pad in padding], tokens).flip(-1)
    assert torch.equal(visible, causal_mask(tokens, tokens) & flipped)


@few
@given(offset=st.integers(0, 3), seed=st.integers(0, 99))
def test_labels_are_so_many_places_on(offset, seed):
    ids, padding = draw_texts(torch.Generator().manual_seed(seed), texts=4)
    labels = shifted_by(offset, ids, padding)
    for row, pad in enumerate(padding.tolist()):
        for place in range(ids.shape[1]):
            there = pad <= place < ids.shape[1] - offset
            assert labels[row, place] == (ids[row, place + offset] if there else -100)
    assert torch.equal(next_tokens(ids, padding), shifted_by(1, ids, padding))


def test_the_model_is_made_of_its_parts_and_its_seed():
    ids, padding = draw_texts(torch.Generator().manual_seed(0))
    logits = Patient(Parts())(ids, padding)
    same(logits, Patient(Parts())(ids, padding))
    assert not torch.allclose(logits, Patient(Parts(), seed=1)(ids, padding))


def test_the_loss_is_that_of_the_labels_by_hand():
    model = Patient(Parts()).double()
    ids, padding = torch.tensor([[0, 3, 4, 3]]), torch.tensor([1])
    chances = model(ids, padding).log_softmax(dim=-1)[0]
    same(loss_of(model, (ids, padding)), -(chances[1, 4] + chances[2, 3]) / 2)


# ---------------------------------------------------------------- the data


@few
@given(seed=st.integers(0, 99), wrong=st.sampled_from([0.0, 0.3, 1.0]))
def test_mistyped_texts_differ_in_their_second_half_only(seed, wrong):
    clean, padding = draw_texts(torch.Generator().manual_seed(seed), texts=60)
    ids, same_padding = draw_mistyped_texts(
        torch.Generator().manual_seed(seed), texts=60, wrong=wrong
    )
    assert torch.equal(padding, same_padding)
    second = torch.arange(12) - padding[:, None] >= HALF
    assert torch.equal(ids[~second], clean[~second])
    assert ((ids >= 1) & (ids <= LETTERS))[second].all()
    share = (ids != clean)[second].double().mean().item()
    assert abs(share - wrong) < (0.15 if wrong == 0.3 else 1e-9)


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_a_share_of_wrong_letters_is_a_share(wrong):
    with pytest.raises(ValueError, match="pass a share between 0 and 1"):
        draw_mistyped_texts(torch.Generator(), wrong=wrong)


def test_batches_come_from_the_given_texts():
    texts = draw_texts(torch.Generator().manual_seed(0), texts=5)
    draw = drawing_from(texts, size=200)
    ids, padding = draw(torch.Generator().manual_seed(0))
    known = {(*row, pad) for row, pad in zip(texts[0].tolist(), texts[1].tolist(), strict=True)}
    drawn = {(*row, pad) for row, pad in zip(ids.tolist(), padding.tolist(), strict=True)}
    assert drawn == known and len(ids) == 200
    assert not torch.equal(ids, draw(torch.Generator().manual_seed(1))[0])


def test_repetitions_and_overlaps_are_counted():
    ids = torch.tensor([[1, 2], [3, 4], [1, 2], [5, 6]])
    assert repeated_share(ids) == 0.25 and repeated_share(ids[1:]) == 0.0
    assert overlap_share(ids, torch.tensor([[1, 2], [9, 9]])) == 0.5
    assert overlap_share(torch.tensor([[9, 9]]), ids) == 0.0


# ---------------------------------------------------------------- what the chapter claims


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_symptoms_hold_for_five_seeds(seed):
    """Those that show only in the end; the others are plain long before, see below."""
    names = ("softmax axis", "no scale", "padding attended")
    curves = {"healthy": smoothed(train(Parts(), seed=seed)[1])}
    curves |= {name: smoothed(train(FAULTS[name], seed=seed)[1]) for name in names}
    last, floor = {name: curve[-1] for name, curve in curves.items()}, loss_floor()
    assert abs(last["healthy"] - floor) < 0.1 and abs(last["padding attended"] - floor) < 0.1
    assert last["softmax axis"] < floor - 0.03
    assert curves["no scale"][3] > curves["healthy"][3] + 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_plain_symptoms_hold_for_five_seeds(seed):
    last, floor = {}, loss_floor()
    for name in set(NAMES) - {"softmax axis", "no scale", "padding attended"}:
        last[name] = smoothed(train(FAULTS[name], seed=seed, steps=80)[1])[-1]
    assert max(last["mask leak"], last["targets not shifted"]) < 0.1
    worse = ("no positions", "learning rate", "initialization")
    assert min(last[name] for name in worse) > floor + 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_faults_of_the_data_hold_for_five_seeds(seed):
    floor = loss_floor()
    _, mistyped = train(Parts(), seed=seed, steps=120, draw=draw_mistyped_texts)
    per_letter = -0.75 * math.log(0.75) - 0.25 * math.log(0.25 / 15)
    raised = floor + (1 - floor / math.log(LETTERS)) * per_letter
    assert raised - 0.1 < smoothed(mistyped)[-1] < raised + 0.3
    few_texts = draw_texts(torch.Generator().manual_seed(7), texts=64)
    model, losses = train(Parts(), seed=seed, draw=drawing_from(few_texts))
    fresh = loss_of(model, draw_texts(torch.Generator().manual_seed(8), texts=500))
    assert losses[-1] < floor - 0.5 < floor + 0.5 < fresh
