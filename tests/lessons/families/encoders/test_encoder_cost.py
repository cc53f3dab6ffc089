"""What the counts say of a configuration is what transformers builds from it."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AlbertConfig,
    AlbertModel,
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
)

from lessons.families import encoder_flops, encoder_parameters
from lessons.families.encoders.encoder_cost import (
    BASE,
    EncoderSizes,
    embedding_parameters,
    layer_parameters,
)
from support import caught_by, few


def built(name: str, sizes: EncoderSizes, heads: int = 12):
    """Return transformers' model of these sizes, without numbers."""
    common = dict(vocab_size=sizes.vocab, max_position_embeddings=sizes.positions)
    ours = dict(
        hidden_size=sizes.d_model,
        intermediate_size=sizes.d_ff,
        num_hidden_layers=sizes.layers,
        num_attention_heads=heads,
        type_vocab_size=sizes.segments,
    )
    with torch.device("meta"):
        if name == "DistilBERT":
            its = dict(dim=sizes.d_model, hidden_dim=sizes.d_ff, n_layers=sizes.layers)
            return DistilBertModel(DistilBertConfig(n_heads=heads, **its, **common))
        if name == "ALBERT":
            config = AlbertConfig(embedding_size=sizes.d_embedding, **ours, **common)
            return AlbertModel(config, add_pooling_layer=False)
        if name == "RoBERTa":
            return RobertaModel(RobertaConfig(**ours, **common), add_pooling_layer=False)
        return BertModel(BertConfig(**ours, **common), add_pooling_layer=False)


def parameters_of(model) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def flops_of(model, tokens: int) -> int:
    ids = torch.ones(1, tokens, dtype=torch.long, device="meta")
    with FlopCounterMode(display=False) as counter:
        model(ids)
    return counter.get_total_flops()


def check_parameters(count, name, sizes, heads=12):
    assert count(sizes) == parameters_of(built(name, sizes, heads))


def check_flops(count, name, sizes, heads=12):
    model = built(name, sizes, heads)
    for tokens in (1, 7):
        assert count(sizes, tokens) == flops_of(model, tokens)


@pytest.mark.parametrize("name", BASE)
def test_the_base_models(name):
    check_parameters(encoder_parameters, name, BASE[name])
    check_flops(encoder_flops, name, BASE[name])


size = st.integers(1, 5)


@settings(few, max_examples=8)
@given(size, size, size, size, st.sampled_from(["BERT", "ALBERT", "DistilBERT"]))
def test_any_sizes(vocab, width, d_ff, layers, name):
    alike = name != "ALBERT"
    d_embedding, d_model = (4 * width, 4 * width) if alike else (width, 4 * width + 4)
    segments = 0 if name == "DistilBERT" else 2
    distinct = layers if alike else 1
    sizes = EncoderSizes(vocab, 9, segments, d_embedding, d_model, d_ff, layers, distinct)
    check_parameters(encoder_parameters, name, sizes, heads=2)
    check_flops(encoder_flops, name, sizes, heads=2)


def forgets_biases(sizes):
    return encoder_parameters(sizes) - sizes.distinct * (5 * sizes.d_model + sizes.d_ff)


def counts_shared_layers_often(sizes):
    return encoder_parameters(sizes._replace(distinct=sizes.layers))


def forgets_what_widens(sizes):
    return encoder_parameters(sizes) - (sizes.d_embedding + 1) * sizes.d_model


def counts_three_norms(sizes):
    return encoder_parameters(sizes) + 2 * sizes.d_model


def lets_shared_layers_work_once(sizes, tokens):
    return encoder_flops(sizes._replace(layers=sizes.distinct), tokens)


def forgets_attention(sizes, tokens):
    return encoder_flops(sizes, tokens) - sizes.layers * 4 * tokens**2 * sizes.d_model


def counts_multiplications_only(sizes, tokens):
    return encoder_flops(sizes, tokens) // 2


CATCHES = {
    check_parameters: [
        forgets_biases,
        counts_shared_layers_often,
        forgets_what_widens,
        counts_three_norms,
    ],
    check_flops: [lets_shared_layers_work_once, forgets_attention, counts_multiplications_only],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_a_wrong_count_is_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant, "ALBERT", BASE["ALBERT"])


def test_what_the_chapter_says():
    parameters = {name: encoder_parameters(sizes) for name, sizes in BASE.items()}
    flops = {name: encoder_flops(sizes, 128) for name, sizes in BASE.items()}
    assert parameters["BERT"] == 108_891_648 and parameters["ALBERT"] == 11_092_992
    assert flops["ALBERT"] > flops["BERT"] == flops["RoBERTa"] == 2 * flops["DistilBERT"]
    bert = BASE["BERT"]
    assert parameters["BERT"] == embedding_parameters(bert) + 12 * layer_parameters(bert)


@pytest.mark.parametrize("tokens", [0, 513])
def test_bad_input(tokens):
    with pytest.raises(ValueError, match="at most 512"):
        encoder_flops(BASE["RoBERTa"], tokens)
