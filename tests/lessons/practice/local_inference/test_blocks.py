"""Blocks equal the library gguf's to the last bit, and what they change is told truly."""

from copy import deepcopy
from functools import partial

import gguf
import pytest
import torch
from hypothesis import given, strategies as st

from lessons.practice import (
    bits_per_weight,
    complete,
    dequantize,
    effect_of,
    margins_where_they_part,
    next_token_logs,
    quantize,
    rounded_model,
    shaken_like,
)
from lessons.practice.local_inference import block_quantization
from support import few

KINDS = ["Q8_0", "Q4_0", "Q4_1"]


def stored(weights, kind):
    return gguf.quants.quantize(weights.numpy(), gguf.GGMLQuantizationType[kind])


def check_equals_the_library(round_trip, weights, kind):
    theirs = gguf.quants.dequantize(stored(weights, kind), gguf.GGMLQuantizationType[kind])
    assert torch.equal(round_trip(weights, kind), torch.from_numpy(theirs))


def there_and_back(weights, kind):
    return dequantize(quantize(weights, kind))


def draw(rows, seed, size=1.0):
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(rows, 96, generator=generator)
    return size * weights * torch.randn(rows, 1, generator=generator).exp()


@few
@given(st.integers(1, 5), st.integers(0, 99), st.sampled_from([1e-3, 1.0, 300.0]))
@pytest.mark.parametrize("kind", KINDS)
def test_blocks_are_the_librarys(kind, rows, seed, size):
    weights = draw(rows, seed, size)
    check_equals_the_library(there_and_back, weights, kind)
    assert stored(weights, kind).nbytes * 8 / weights.numel() == bits_per_weight(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [0.0, 0.7, -0.7])
def test_blocks_of_equal_weights_are_the_librarys(kind, value):
    check_equals_the_library(there_and_back, torch.full((2, 64), value), kind)


def without_sign(weights, kind):
    """Q4_0 with the largest amount as its scale, whatever its sign."""
    return there_and_back(weights.abs(), kind) * weights.sign()


def one_scale(weights, kind):
    return dequantize(quantize(weights, kind, block=weights.shape[-1]))


@pytest.mark.parametrize("broken", [without_sign, one_scale])
def test_broken_blocks_are_caught(broken):
    with pytest.raises(AssertionError):
        check_equals_the_library(broken, draw(4, 0), "Q4_0")


def test_no_error_is_larger_than_a_step_allows():
    weights = draw(50, 1)
    for kind in KINDS:
        blocks = quantize(weights, kind)
        error = (dequantize(blocks) - weights).abs().reshape(-1, 32)
        # Q4_0 has no code at the side that is opposite to the farthest weight: a whole step there.
        steps = 1.01 if kind == "Q4_0" else 0.51
        assert (error <= steps * blocks.scale.float().abs() + 0.002 * weights.abs().max()).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quantize(torch.ones(2, 40), "Q4_0"), "rows of 40 weights make no whole blocks"),
        (lambda: quantize(torch.ones(32), "Q5_K"), "no kind 'Q5_K': pass one of Q8_0, Q4_0, Q4_1"),
        (lambda: bits_per_weight("q4"), "no kind 'q4'"),
    ],
)
def test_what_cannot_be_rounded_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_matrices_alone_are_rounded_in_a_copy(decoder):
    before = deepcopy(decoder.model.state_dict())
    rounded = rounded_model(decoder.model, "Q4_1")
    for name, value in rounded.named_parameters():
        own = before[name]
        if value.ndim == 2 and name != "transformer.wpe.weight":
            # A row of GPT-2's own matrices is of one input; blocks lie along the inputs.
            turned = ".c_" in name
            rows = there_and_back(own.T if turned else own, "Q4_1")
            assert torch.equal(value, rows.T if turned else rows) and not torch.equal(value, own)
        else:
            assert torch.equal(value, own)
    after = decoder.model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_noise_has_the_size_of_the_difference(decoder):
    rounded = rounded_model(decoder.model, "Q4_0")
    shaken = shaken_like(decoder.model, rounded)
    for own, other, noisy in zip(
        decoder.model.parameters(), rounded.parameters(), shaken.parameters(), strict=True
    ):
        sizes = [(one - own).square().mean().sqrt().item() for one in (other, noisy)]
        assert sizes[1] == pytest.approx(sizes[0], rel=0.1)


@pytest.mark.parametrize("axis", [0, -1])
def test_shared_noise_is_the_same_along_its_axis_and_as_large(decoder, axis):
    rounded = rounded_model(decoder.model, "Q4_0")
    shaken = shaken_like(decoder.model, rounded, shared=axis)
    for own, other, noisy in zip(
        decoder.model.parameters(), rounded.parameters(), shaken.parameters(), strict=True
    ):
        noise = (noisy - own).detach()
        size = (other - own).square().mean().sqrt().item()
        assert noise.square().mean().sqrt().item() == pytest.approx(size, rel=0.25)
        if own.ndim == 2 and size > 0:  # of positions nothing is rounded
            assert noise.std(dim=axis).max() < 0.01 * size < 0.5 * noise.std(dim=-1 - axis).min()
            assert not torch.equal(other, noisy)


def test_divergence_is_torchs(decoder):
    read, rounded = (
        ["tom thanks mary .", "the dogs near the tree"],
        rounded_model(decoder.model, "Q4_0"),
    )
    own, other = (next_token_logs(one, decoder, read) for one in (decoder.model, rounded))
    found = effect_of(rounded, decoder, read, ["tom thanks"], max_new_tokens=2).divergence
    oracle = partial(torch.nn.functional.kl_div, log_target=True, reduction="batchmean")
    assert found == pytest.approx(oracle(other, own).item(), abs=1e-6)
    assert found != pytest.approx(oracle(own, other).item(), abs=1e-6)


def test_perplexity_is_that_of_transformers_and_changed_tokens_are_counted(decoder):
    """The oracle's loss is a mean over a text's next tokens."""
    read = ["tom thanks mary .", "the dogs near the tree are big ."]
    rounded, total, places, changed = rounded_model(decoder.model, "Q4_0"), 0.0, 0, []
    for text in read:
        batch = decoder.tokenizer(text, return_tensors="pt")
        out, own = (one(**batch, labels=batch.input_ids) for one in (rounded, decoder.model))
        total += out.loss.item() * (batch.input_ids.shape[1] - 1)
        places += batch.input_ids.shape[1] - 1
        changed += (out.logits.argmax(dim=-1) != own.logits.argmax(dim=-1)).flatten().tolist()
    found = effect_of(rounded, decoder, read, ["tom thanks"], max_new_tokens=1)
    assert found.perplexity == pytest.approx(torch.tensor(total / places).exp().item(), rel=1e-4)
    assert found.changed == pytest.approx(sum(changed) / len(changed))


def test_padding_is_no_token(decoder):
    texts = ["tom thanks mary .", "the dogs near the tree are big ."]
    together = next_token_logs(decoder.model, decoder, texts)
    alone = [next_token_logs(decoder.model, decoder, [text]) for text in texts]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=0)
    with pytest.raises(ValueError, match="no text"):
        next_token_logs(decoder.model, decoder, [])


def test_a_model_parts_from_itself_nowhere(decoder):
    prompts = ["tom thanks", "the dogs near"]
    same = effect_of(decoder.model, decoder, ["tom thanks mary ."], prompts, max_new_tokens=4)
    assert same.divergence == 0 and same.kept == 1
    parted, kept = margins_where_they_part(decoder.model, decoder, prompts, same.texts)
    assert len(parted) == 0 and len(kept) >= 6
    other = [text.replace(text.split()[1], "tree", 1) for text in same.texts]
    parted, kept = margins_where_they_part(decoder.model, decoder, prompts, other)
    assert len(parted) == 2 and len(kept) == 2, "one token of each text is kept"
    continued = complete(prompts, decoder.model, decoder.tokenizer, max_new_tokens=4)
    assert continued == same.texts


def test_the_three_kinds_are_those_that_are_documented():
    assert list(block_quantization.KINDS) == KINDS
