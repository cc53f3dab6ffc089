"""Open models recounted: transformers' modules on `meta`, its caches, and the sizes claimed."""

import importlib
import inspect
from dataclasses import replace

import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, DynamicCache

from lessons.families import (
    Dense,
    Experts,
    Grouped,
    Latent,
    OpenModel,
    bytes_of_the_next,
    features,
    kept_numbers,
    open_models,
    parameters,
    working_parameters,
)

MODELS = open_models()
NO_ROOM = {"max_position_embeddings", "rope_theta"}  # what changes no parameter
# The class names another model's card: of an older model, or of one with the same parts.
OTHER_CARD = {"Mamba-Codestral 7B", "MiniMax-M2"}


def config_of(model, **changes):
    """Return transformers' configuration: its defaults, and what the record says otherwise."""
    said = {name: value for name, value in model.changes.items() if name not in NO_ROOM}
    return CONFIG_MAPPING[model.config](**said | changes)


def built(config):
    """Return a model without numbers, and how many the table at its exit would have."""
    torch.set_default_dtype(torch.bfloat16)  # the experts' product on `meta` knows no other
    try:
        with torch.device("meta"):
            if config.model_type == "mistral_large4_text":  # comes with a picture encoder only
                module = importlib.import_module("transformers.models.mistral_large4")
                alone = module.modeling_mistral_large4.MistralLarge4TextModel(config)
                return alone.eval(), config.vocab_size * config.hidden_size
            return AutoModelForCausalLM.from_config(config).eval(), 0
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_transformers_counts_as_many_parameters(model):
    config = config_of(model)
    theirs, head = built(config)
    total = sum(one.numel() for one in theirs.parameters()) + head
    assert parameters(model) == total
    routed = sum(one.numel() for name, one in theirs.named_parameters() if ".experts." in name)
    for _, network in model.layers:
        if isinstance(network, Experts):
            share = network.chosen / network.number
            idle = routed - routed * share
            rows = 0 if model.tied else (config.vocab_size - 1) * config.hidden_size
            assert abs(working_parameters(model) - (total - idle - rows)) < 1
            break
    assert config.tie_word_embeddings == model.tied


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_transformers_keeps_as_many_numbers(model):
    """Of the first eight layers, in which each kind of layer stands."""
    theirs, _ = built(config_of(model, num_hidden_layers=8))
    cache = DynamicCache(config=theirs.config)
    with torch.no_grad():
        into = "cache_params" if model.config == "mamba2" else "past_key_values"
        theirs(torch.zeros(1, 6, dtype=torch.long, device="meta"), **{into: cache})
    kept = 0
    for layer in cache.layers:
        for name in ("keys", "values", "indexer_keys"):
            kept += getattr(layer, name).numel() if getattr(layer, name, None) is not None else 0
        for name in ("conv_states", "recurrent_states"):
            kept += sum(one.numel() for one in getattr(layer, name, {}).values())
    assert kept_numbers(replace(model, layers=model.layers[:8]), 6) == kept


def test_a_full_window_keeps_what_the_next_token_sees_without_itself():
    model = MODELS["Mistral 7B"]
    theirs, _ = built(config_of(model, num_hidden_layers=1, sliding_window=4))
    cache = DynamicCache(config=theirs.config)
    with torch.no_grad():
        theirs(torch.zeros(1, 9, dtype=torch.long, device="meta"), past_key_values=cache)
    ours = Grouped(32, 8, 128, window=4)
    assert ours.kept(9) - ours.kept(1) == 2 * cache.layers[0].keys.numel()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_sizes_are_those_that_are_claimed(model):
    """Within 1.5%, or as rounded; Llama 4 Scout's includes an encoder of pictures.

    Mistral Large 4's "1T" is one digit. Of the working ones, some count the table at the entrance.
    """
    total, working = parameters(model) / 1e9, working_parameters(model) / 1e9
    near = 0.06 if model.name == "Mistral Large 4" else 0.015
    assert total == pytest.approx(model.published, rel=near, abs=0.6 if total > 20 else 0.1)
    if model.working is not None:
        table = model.vocab * model.d_model / 1e9
        assert working - 1 < model.working < working + table + 0.5
    else:
        assert not any(isinstance(network, Experts) for _, network in model.layers)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_is_not_from_knowledge_stands_in_the_package(model):
    config = CONFIG_MAPPING[model.config]()
    context = model.changes.get("max_position_embeddings")
    assert model.context == (context or config.max_position_embeddings)
    if model.base is not None:
        rope = config.rope_parameters
        rope = rope.get("full_attention", rope)
        assert model.base == model.changes.get("rope_theta", rope["rope_theta"])
    if "/" in model.source and model.name not in OTHER_CARD:
        assert f'"{model.source}"' in inspect.getsource(inspect.getmodule(type(config)))
    for name, value in model.changes.items():
        if name != "rope_theta":
            assert getattr(config, name, None) != value, f"{name} is the default: no change"


def test_a_wrong_size_is_noticed():
    model = MODELS["Qwen3-Next 80B-A3B"]
    (delta, experts), *rest = model.layers
    right = parameters(model), working_parameters(model), kept_numbers(model, 100)
    for layer in (
        (replace(delta, learned=delta.learned + 1), experts),
        (delta, replace(experts, shared_gate=False)),
        (delta, replace(experts, chosen=9)),
        (replace(delta, state=0), experts),
    ):
        other = replace(model, layers=(layer, *rest))
        assert (parameters(other), working_parameters(other), kept_numbers(other, 100)) != right


def test_by_hand_as_on_the_page():
    mixtral = MODELS["Mixtral 8x7B"]
    assert bytes_of_the_next(mixtral) == 2 * 2 * 8 * 128 * 32 == 128 * 1024
    assert bytes_of_the_next(mixtral, bytes_per_number=1) == 64 * 1024


def test_features_of_layers_that_differ():
    layers = ((Latent(4, 8, 0, 4, 4), Dense(8)), (Latent(4, 8, 2, 4, 4, index_heads=2), Dense(8)))
    model = OpenModel("a", "2026", "", "", layers, 16, 10, 8, None, 0)
    assert features(model) == ["latent", "sparse by an indexer", "no positions in 1 of 2"]


def test_no_text_is_shorter_than_none():
    with pytest.raises(ValueError, match="pass 0 or more"):
        kept_numbers(MODELS["Llama 2 7B"], -1)
    assert kept_numbers(MODELS["Llama 2 7B"], 0) == 0
