"""GGUF read by the book: bits against transformers' own reader, and the tokenizer's cuts."""

import pytest
import torch
from transformers import LlamaForCausalLM, modeling_gguf_pytorch_utils

from lessons.models.loading.gguf_model import GGUFModel, halves
from lessons.models.loading.wheels import find_wheel
from support import wheel

TEXTS = (
    "The capital of France is",
    "  two  spaces, 2024 and 12,345 \n\tdef f(x):\n    return x",
    "Über größe 你好 🙂 it's",
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return wheel.install(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def real():
    return GGUFModel(find_wheel("decoder"))


def theirs(path, config):
    """Return the weights as transformers reads them."""
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    return modeling_gguf_pytorch_utils.load_gguf_checkpoint(
        path, return_tensors=True, model_to_load=model
    )


def assert_same_bits(weights, oracle):
    expected = {name: tensor for name, tensor in oracle.items() if name != "lm_head.weight"}
    assert weights.keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights.items())


def test_a_written_model_is_read_again(tiny):
    read, model = GGUFModel(tiny), wheel.tiny_llama()
    config, weights = read.config(), read.weights(torch.float32)
    for key in ("hidden_size", "num_key_value_heads", "vocab_size", "tie_word_embeddings"):
        assert getattr(config, key) == getattr(wheel.CONFIG, key)
    assert_same_bits(weights, theirs(tiny, config)["tensors"])
    for name, parameter in model.named_parameters():
        levels = 255 if "embed" in name else 15
        step = (parameter.max() - parameter.min()) / levels if parameter.dim() > 1 else 1e-9
        assert (weights[name] - parameter).abs().max() <= step
    other = read.weights(torch.float16)
    assert all(torch.equal(other[name], weights[name].half()) for name in weights)


def test_rows_in_the_wrong_order_would_be_noticed(tiny, monkeypatch):
    monkeypatch.setattr("lessons.models.loading.gguf_model.halves", lambda rows, heads: rows)
    read = GGUFModel(tiny)
    with pytest.raises(AssertionError):
        assert_same_bits(read.weights(torch.float32), theirs(tiny, read.config())["tensors"])


def test_halves_undo_neighbors():
    rows = torch.randn(24, 5)
    assert torch.equal(halves(wheel.neighbors(rows, 3), 3), rows)


def test_the_real_weights_have_the_bits_that_transformers_reads(real):
    found = theirs(find_wheel("decoder"), real.config())
    assert_same_bits(real.weights(torch.float32), found["tensors"])
    own, config = real.config().to_dict(), found["config"]
    assert {key: own[key] for key in config if key in own} == {
        key: value for key, value in config.items() if key in own
    }


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokenizer_gives_back_every_text(real, text):
    tokenizer = real.tokenizer()
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_digits_stand_alone_and_marks_are_one_token(real, tiny):
    tokenizer = real.tokenizer()
    assert tokenizer.tokenize(" 2024 cats") == ["Ġ", "2", "0", "2", "4", "Ġcats"]
    assert tokenizer.tokenize("<|im_start|>user") == ["<|im_start|>", "user"]
    assert tokenizer.model_max_length == 8192
    # These merges exist in the tiny vocabulary, and must not be used.
    assert GGUFModel(tiny).tokenizer().tokenize("the 312") == ["the", "Ġ", "3", "1", "2"]
