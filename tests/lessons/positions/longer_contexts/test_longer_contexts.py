"""What the chapter on longer contexts claims of its small models holds for five seeds."""

from copy import deepcopy
from functools import cache, partial

import pytest
import torch

from lessons.blocks import record
from lessons.families import placed_anew, placed_decoder
from lessons.fit import fit
from lessons.positions import (
    Alibi,
    Ending,
    LearnedPositions,
    Parted,
    RelativeBias,
    Rotary,
    ScaledRotary,
    Shifted,
    SinusoidalPositions,
    accuracy,
    answer_loss,
    interpolated,
    names_and_secret,
    ntk_base,
    rotary_frequencies,
    three_back,
    yarn_by_turns,
    yarn_frequencies,
    yarn_stretch,
)
from lessons.positions.longer_contexts.placed_texts import VOCABULARY

SEEDS = range(5)
RECIPE = {"steps": 200, "learning_rate": 0.02}
MORE = {"steps": 30, "learning_rate": 0.005, "warm_up": 5}
PLAIN = rotary_frequencies(8)
STRETCHED = {
    "unscaled": ScaledRotary(PLAIN),
    "interpolated": ScaledRotary(interpolated(PLAIN, 8)),
    "larger base": ScaledRotary(rotary_frequencies(8, base=ntk_base(8, 8))),
    "YaRN": ScaledRotary(yarn_frequencies(8, 8, trained=32, fast=4.0), stretch=yarn_stretch(8)),
}


def texts_of(draw, tokens):
    return draw(24, tokens, torch.Generator().manual_seed(tokens))


@cache
def trained(seed):
    """Train the chapter's models, in its order and with its recipe, but for the learned table."""
    torch.manual_seed(seed)
    bias = RelativeBias(4, buckets=16, max_distance=24, causal=True)
    models = {
        "none": placed_decoder(VOCABULARY),
        "sinusoidal": placed_decoder(VOCABULARY, positions=SinusoidalPositions()),
        "learned": placed_decoder(VOCABULARY, positions=LearnedPositions(32, 32)),
        "T5 bias": placed_decoder(VOCABULARY, bias=bias),
        "ALiBi": placed_decoder(VOCABULARY, bias=Alibi(4)),
        "rotary": placed_decoder(VOCABULARY, place=Rotary()),
    }
    exact = placed_decoder(VOCABULARY, place=Rotary())
    del models["learned"]
    for model in models.values():
        fit(model, partial(names_and_secret, 16, 32), answer_loss, seed=seed, **RECIPE)
    fit(exact, partial(three_back, 16, 32), answer_loss, seed=seed, **RECIPE)
    return models, exact


def looks(model):
    """Return the mean weight of the last of 64 tokens on each distance."""
    with record(model) as seen, torch.no_grad():
        model(texts_of(three_back, 64).ids)
    return seen["layers.0.attention.weights"][:, :, -1].mean(dim=(0, 1)).flip(0).tolist()


def measured(seed):
    """Return the chapter's accuracies by name and length, and where each recipe looks most."""
    models, exact = trained(seed)
    near, far, stretched, before, after, weights = {}, {}, {}, {}, {}, {}
    asked = {32: models, 64: ("sinusoidal", "rotary"), 256: models}
    for tokens, names in asked.items():
        texts = texts_of(names_and_secret, tokens)
        for name in names:
            near[name, tokens] = accuracy(models[name], texts, rule=0)
            far[name, tokens] = accuracy(models[name], texts, rule=1)
    long = names_and_secret(8, 1024, torch.Generator().manual_seed(1024))
    for name in ("T5 bias", "ALiBi"):
        far[name, 1024] = accuracy(models[name], long, rule=1, last=64)
    texts = texts_of(names_and_secret, 256)
    for name in ("interpolated", "YaRN"):
        model = placed_anew(models["rotary"], STRETCHED[name])
        stretched[name] = [accuracy(model, texts, rule=rule) for rule in (0, 1)]
    for name, place in STRETCHED.items():
        model = placed_anew(exact, place)
        weights[name] = looks(model)
        for tokens in (32, 64, 128, 256):
            before[name, tokens] = accuracy(model, texts_of(three_back, tokens))
        fit(model, partial(three_back, 2, 256), answer_loss, seed=seed, **MORE)
        for tokens in (32, 256):
            after[name, tokens] = accuracy(model, texts_of(three_back, tokens))
    return near, far, stretched, before, after, weights


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_chapter_claims(seed):
    near, far, stretched, before, after, weights = measured(seed)

    assert near["none", 32] < 0.65 and far["none", 256] > 0.9
    assert near["sinusoidal", 32] > 0.7 > 0.5 > near["sinusoidal", 64]
    assert near["T5 bias", 256] > 0.5 and far["T5 bias", 256] > 0.9
    assert near["ALiBi", 256] > 0.85
    assert near["rotary", 32] > 0.9 > 0.8 > near["rotary", 64] and near["rotary", 256] < 0.7
    assert far["rotary", 32] > 0.95 > 0.6 > far["rotary", 256]
    assert far["ALiBi", 1024] < 0.9 < far["T5 bias", 1024]

    for name in ("interpolated", "YaRN"):
        assert stretched[name][0] > 0.6 and stretched[name][1] > 0.9

    every = (32, 64, 128, 256)
    assert before["unscaled", 32] > 0.95
    assert max(before["unscaled", n] for n in (64, 256)) < 0.4
    assert max(before["interpolated", n] for n in every) < 0.4
    assert max(after[name, 256] for name in STRETCHED if name != "YaRN") < 0.4
    assert before["larger base", 64] > 0.8 > 0.4 > before["larger base", 128]
    assert min(before["YaRN", n] for n in every) > 0.3
    assert min(after["YaRN", n] for n in (32, 256)) > 0.9

    peak = {name: seen.index(max(seen)) for name, seen in weights.items()}
    assert peak["unscaled"] > 32 and abs(peak["interpolated"] - 24) <= 3 and peak["YaRN"] == 3
    assert sum(weights["YaRN"][d] for d in (3, 9, 16, 22, 28)) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_one_thing_varied_alone(seed):
    """The chapter's controls: what else changed with a text's length is not the cause."""
    models, exact = trained(seed)
    short, long = texts_of(names_and_secret, 32), texts_of(names_and_secret, 256)

    late = deepcopy(models["sinusoidal"])
    late.embed.positions = Shifted(SinusoidalPositions(), by=32)
    assert accuracy(late, short) < accuracy(models["sinusoidal"], short) - 0.2

    gained = 0.0
    for n in (128, 256):
        texts = names_and_secret(48, n, torch.Generator().manual_seed(n))
        hidden = partial(models["T5 bias"], visible=torch.ones(n, n).triu(-20).bool())
        gained += accuracy(hidden, texts) - accuracy(models["T5 bias"], texts)
    assert gained > 0.01

    slow = torch.tensor([1.0, 8, 8, 8])
    new_angles = placed_anew(models["rotary"], ScaledRotary(PLAIN * slow))
    old_angles = placed_anew(models["rotary"], ScaledRotary(PLAIN / slow))
    assert accuracy(new_angles, short) < 0.6 < 0.7 < accuracy(old_angles, long)
    assert accuracy(new_angles, short, rule=1) < 0.9 < accuracy(old_angles, long, rule=1)

    parted = placed_anew(models["rotary"], Parted(at=16, by=224))
    assert accuracy(parted, short) < 0.9 and accuracy(parted, short, rule=1) < 0.5

    longest = names_and_secret(8, 1024, torch.Generator().manual_seed(1024))
    ending = deepcopy(models["ALiBi"])
    ending.layers[0].bias = Ending(Alibi(4), reach=31)
    far = [accuracy(model, longest, rule=1, last=64) for model in (models["ALiBi"], ending)]
    assert far[0] < far[1] - 0.05

    texts, alone = texts_of(three_back, 32), []
    for pair in range(4):
        turned = ScaledRotary(PLAIN * (torch.arange(4) != pair))
        alone.append(accuracy(placed_anew(exact, turned), texts))
    assert max(alone[:2]) < 0.6 and min(alone[2:]) > 0.95

    texts = texts_of(three_back, 256)
    frequencies = yarn_frequencies(8, 8, trained=32, fast=4.0)
    found = [
        accuracy(placed_anew(exact, place), texts)
        for place in (
            STRETCHED["YaRN"],
            ScaledRotary(frequencies),
            ScaledRotary(yarn_by_turns(8, 8, trained=32), stretch=yarn_stretch(8)),
        )
    ]
    assert abs(found[0] - found[1]) < 0.1 and found[2] < 0.25 < found[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_base_from_the_start_reaches_as_far_as_half_a_turn_of_the_second_pair(seed):
    lengths = (32, 64, 128, 256)
    speeds = [rotary_frequencies(8, base=base) for base in (1e4, 1.6e5, 2.56e6)]
    speeds.append(torch.cat([PLAIN[:1], speeds[-1][1:2], PLAIN[2:]]))
    for longest, frequencies in zip((0, 1, 2, 2), speeds, strict=True):
        torch.manual_seed(seed)
        model = placed_decoder(VOCABULARY, place=ScaledRotary(frequencies))
        fit(model, partial(three_back, 16, 32), answer_loss, seed=seed, **RECIPE)
        right = [accuracy(model, texts_of(three_back, n)) for n in lengths]
        assert right[longest] > 0.65 > 0.4 > right[longest + 1]
