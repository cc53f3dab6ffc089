"""Patching and ablation, on our families and on transformers' models alike."""

import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from lessons.blocks import edit, record
from lessons.families import from_transformers
from lessons.interpretation import (
    ablate_heads,
    ablation_effects,
    edit_sites,
    find_sites,
    head_sites,
    patch_sites,
    patching_effects,
    record_heads,
    record_sites,
)

SIZES = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=16)


def bert():
    return BertForMaskedLM(BertConfig(vocab_size=20, **SIZES))


def distilbert():
    return DistilBertForMaskedLM(
        DistilBertConfig(vocab_size=20, dim=12, n_layers=2, n_heads=3, hidden_dim=16)
    )


def gpt2():
    return GPT2LMHeadModel(GPT2Config(vocab_size=20, n_embd=12, n_layer=2, n_head=3))


def llama():
    return LlamaForCausalLM(LlamaConfig(vocab_size=20, num_key_value_heads=1, **SIZES))


def t5():
    return T5ForConditionalGeneration(
        T5Config(vocab_size=20, d_model=12, d_kv=4, num_layers=2, num_heads=3, d_ff=16)
    )


KINDS = [
    (bert, None),
    (distilbert, None),
    (gpt2, None),
    (llama, None),
    (t5, "encoder"),
    (t5, "decoder"),
    (t5, "cross"),
]
CLEAN = torch.tensor([[5, 3, 8, 2, 9]])
CORRUPTED = torch.tensor([[5, 3, 7, 2, 9]])


def pair(prepared, kind):
    theirs = prepared(kind())
    return theirs, from_transformers(theirs)


@torch.no_grad()
def logits(model, ids):
    if hasattr(model, "config"):
        if model.config.is_encoder_decoder:
            return model(input_ids=ids, decoder_input_ids=ids).logits
        return model(input_ids=ids).logits
    return model(ids, ids) if hasattr(model, "decoder") else model(ids)


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(("kind", "attention"), KINDS)
def test_both_lose_the_same(prepared, kind, attention):
    theirs, ours = pair(prepared, kind)
    options = dict(attention=attention)
    with (
        ablate_heads(theirs, [(0, 2), (1, 0)], **options),
        ablate_heads(ours, [(0, 2), (1, 0)], **options),
    ):
        ablated = logits(ours, CLEAN)
        close(ablated, logits(theirs, CLEAN))
    assert not torch.allclose(ablated, logits(ours, CLEAN), atol=1e-6)
    close(logits(ours, CLEAN), logits(theirs, CLEAN))


@pytest.mark.parametrize(("kind", "attention"), KINDS)
def test_recorded_heads_are_what_the_probes_see(prepared, kind, attention):
    theirs, ours = pair(prepared, kind)
    with record_heads(theirs, attention=attention) as heads, record(ours) as seen:
        logits(theirs, CLEAN)
        logits(ours, CLEAN)
    stack = {None: "layers", "encoder": "encoder"}.get(attention, "decoder")
    name = "cross" if attention == "cross" else "attention"
    for (layer, head), written in heads.items():
        close(seen[f"{stack}.{layer}.{name}.mixed"][:, head], written)
    assert set(heads) == {(layer, head) for layer in range(2) for head in range(3)}


@pytest.mark.parametrize(("kind", "attention"), KINDS)
def test_patching_all_that_a_layer_writes(prepared, kind, attention):
    """A run's own values change nothing; another run's carry its answer over."""
    model = prepared(kind())
    with record_heads(model, attention=attention) as clean:
        expected = logits(model, CLEAN)
    with patch_sites(model, clean, attention=attention):
        close(logits(model, CLEAN), expected)
        patched = logits(model, CORRUPTED)
    assert not torch.allclose(patched, logits(model, CORRUPTED), atol=1e-6)


def test_probes_and_hooks_ablate_alike(prepared):
    _, ours = pair(prepared, gpt2)

    def without_head_1(mixed):
        mixed = mixed.clone()
        mixed[:, 1] = 0.0
        return mixed

    with edit(ours, {"layers.0.attention.mixed": without_head_1}):
        expected = logits(ours, CLEAN)
    with ablate_heads(ours, [(0, 1)]):
        close(logits(ours, CLEAN), expected)


def test_heads_and_probes_are_caught_in_one_way(prepared):
    """A place is named, recorded, edited and patched the same, whatever it is."""
    _, ours = pair(prepared, gpt2)
    places = ["layers.0.attention.mixed", "layers.1.out", (0, 1)]
    with record_sites(ours, places) as seen, record(ours) as passed:
        logits(ours, CLEAN)
    for place in places[:2]:
        assert torch.equal(seen[place], passed[place])
    assert torch.equal(seen[0, 1], passed["layers.0.attention.mixed"][:, 1])
    for place in places:
        with edit_sites(ours, {place: torch.zeros_like}), record_sites(ours, [place]) as now:
            changed = logits(ours, CLEAN)
        assert not now[place].any() and not torch.allclose(changed, logits(ours, CLEAN))
    with pytest.raises(ValueError, match=r"called 'layers\.7\.out': pass one of embedded"):
        find_sites(ours, ["layers.7.out"])


@pytest.mark.parametrize("place", ["layers.0.out", (0, 1)])
def test_patches_stay_at_their_tokens(prepared, place):
    _, ours = pair(prepared, gpt2)
    with record_sites(ours, [place]) as clean:
        logits(ours, CLEAN)
    with record_sites(ours, [place]) as own:
        logits(ours, CORRUPTED)
    put = {place: clean[place]}
    with patch_sites(ours, put, tokens=[2, 4]), record_sites(ours, [place]) as now:
        patched = logits(ours, CORRUPTED)
    for token in range(5):
        assert torch.equal(
            now[place][:, token], (clean if token in (2, 4) else own)[place][:, token]
        )
    with patch_sites(ours, put):
        assert not torch.allclose(patched, logits(ours, CORRUPTED), atol=1e-9)


def test_effects(prepared):
    model = prepared(gpt2())

    def measure(ids):
        return float(logits(model, ids)[0, -1, 7])

    heads = [(0, 0), (0, 1), (1, 2)]
    whole = measure(CLEAN)
    effects = ablation_effects(model, lambda: measure(CLEAN), heads)
    with ablate_heads(model, [(0, 1)]):
        assert effects[0, 1] == whole - measure(CLEAN) != 0
    with record_heads(model) as clean:
        measure(CLEAN)
    effects = patching_effects(model, lambda: measure(CORRUPTED), clean, heads)
    assert list(effects) == heads
    corrupted = measure(CORRUPTED)
    with patch_sites(model, {(1, 2): clean[1, 2]}):
        assert effects[1, 2] == measure(CORRUPTED) - corrupted != 0
    same = patching_effects(model, lambda: measure(CLEAN), clean, heads)
    assert max(map(abs, same.values())) < 1e-10


def test_everything_is_undone(prepared):
    theirs, ours = pair(prepared, t5)
    for model in (theirs, ours):
        before = logits(model, CLEAN)
        with pytest.raises(KeyError), record_heads(model, attention="cross"):
            raise KeyError("anything")
        with (
            pytest.raises(ValueError, match="no layer 7"),
            ablate_heads(model, [(0, 0), (7, 0)], attention="cross"),
        ):
            pass
        assert torch.equal(logits(model, CLEAN), before)
        for part in model.modules():
            assert not part._forward_hooks
            assert not part._forward_pre_hooks


def test_bad_input(prepared):
    model = prepared(gpt2())
    with record_heads(model) as clean:
        logits(model, CLEAN)
    with (
        pytest.raises(ValueError, match=r"shape \(1, 3, 4\) pass here, the patch has \(1, 5, 4\)"),
        patch_sites(model, {(0, 0): clean[0, 0]}),
    ):
        logits(model, CLEAN[:, :3])
    with (
        pytest.raises(ValueError, match="no layer 2"),
        edit_sites(model, {(2, 0): torch.zeros_like}),
    ):
        pass
    with (
        pytest.raises(ValueError, match="no head 3"),
        edit_sites(model, {(0, 3): torch.zeros_like}),
    ):
        pass
    with pytest.raises(ValueError, match="attention is None: for EncoderDecoder pass one of enc"):
        head_sites(from_transformers(prepared(t5())))
