"""The book's decoder as a file: the same bits, and the same answers from llama.cpp."""

from copy import deepcopy

import gguf
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.practice import (
    apart_from,
    local_model,
    read_gpt2,
    read_header,
    rounded_model,
    write_gpt2,
)
from lessons.practice.local_inference import book_gguf

BEGINNINGS = ["tom thanks mary because", "the dogs near", "the trophy does not", "the big"]


@pytest.fixture(scope="module")
def files(decoder, tmp_path_factory):
    """The decoder as a file of each kind."""
    folder = tmp_path_factory.mktemp("files")
    return {
        kind: write_gpt2(decoder.model, decoder.tokenizer, folder / f"{kind}.gguf", kind=kind)
        for kind in ("F32", "F16", "Q8_0", "Q4_1", "Q4_0")
    }


@pytest.fixture(scope="module")
def beginnings(decoder):
    return [decoder.tokenizer(one).input_ids for one in BEGINNINGS]


def same_bits(model, other):
    pairs = zip(model.named_parameters(), other.named_parameters(), strict=True)
    return all(one[0] == two[0] and torch.equal(one[1], two[1]) for one, two in pairs)


def test_it_comes_back_to_the_last_bit(decoder, files):
    assert same_bits(read_gpt2(files["F32"], decoder.model), decoder.model)
    for kind in ("Q8_0", "Q4_1", "Q4_0"):
        read = read_gpt2(files[kind], decoder.model)
        assert same_bits(read, rounded_model(decoder.model, kind))
        assert not same_bits(read, decoder.model)


def test_the_file_says_what_it_holds(decoder, files):
    config, header = decoder.model.config, read_header(files["Q4_0"])
    assert header.values["general.architecture"] == "gpt2"
    assert header.values["gpt2.attention.head_count"] == config.n_head
    assert len(header.values["tokenizer.ggml.tokens"]) == config.vocab_size
    kinds = {one.name: (one.kind, one.axes) for one in header.tensors}
    assert kinds["position_embd.weight"] == ("F32", (config.n_embd, config.n_positions))
    assert kinds["blk.0.ffn_up.weight"] == ("Q4_0", (config.n_embd, 4 * config.n_embd))
    assert "output.weight" not in kinds, "the head is the table of tokens"
    assert len(header.tensors) == len(gguf.GGUFReader(files["Q4_0"]).tensors)


def test_llama_cpp_says_what_the_model_says(decoder, files, beginnings):
    apart = apart_from(files["F32"], decoder.model, beginnings)
    assert apart.logs < 0.01 and apart.same == 1
    for kind in ("Q8_0", "Q4_0"):
        stored = read_gpt2(files[kind], decoder.model)
        assert apart.logs < apart_from(files[kind], stored, beginnings).logs < 0.2


def test_a_file_in_another_order_would_be_noticed(decoder, beginnings, tmp_path, monkeypatch):
    """Heads exchanged, and matrices that are not turned over where that keeps their shape."""
    swapped = deepcopy(decoder.model)
    width = swapped.config.n_embd // swapped.config.n_head
    with torch.no_grad():
        for block in swapped.transformer.h:
            block.attn.c_attn.weight[:, : 2 * width] = block.attn.c_attn.weight[
                :, : 2 * width
            ].roll(width, dims=1)
    file = write_gpt2(swapped, decoder.tokenizer, tmp_path / "swapped.gguf")
    assert apart_from(file, decoder.model, beginnings).logs > 0.1
    turned = book_gguf._turned
    monkeypatch.setattr(
        book_gguf, "_turned",
        lambda name, one: one if "attn.c_proj" in name else turned(name, one),
    )  # fmt: skip
    file = write_gpt2(decoder.model, decoder.tokenizer, tmp_path / "odd.gguf")
    assert apart_from(file, decoder.model, beginnings).logs > 0.1


def test_words_are_cut_and_joined_as_the_books_tokenizer_does(decoder, files, beginnings):
    with local_model(files["F32"], context=64) as model:
        for text, ids in zip(BEGINNINGS, beginnings, strict=True):
            by_text, by_ids = (model.complete(one, max_tokens=6) for one in (f" {text}", ids))
            assert by_text["usage"]["prompt_tokens"] == len(ids)
            written = by_ids["choices"][0]["text"]
            assert by_text["choices"][0]["text"] == written and written.startswith(" ")
            new = [one for one in model.continued(ids, 6) if one != decoder.tokenizer.eos_token_id]
            assert decoder.tokenizer.decode(new).split() == written.split()


def test_time_is_told_of_whole_completions_only(files):
    with local_model(files["F32"], context=64) as model:
        [seconds] = model.complete_seconds(" tom thanks", max_tokens=2)
        assert seconds > 0
        with pytest.raises(ValueError, match="the text ends after"):
            model.complete_seconds(" tom thanks mary .", max_tokens=50)


def test_a_prompt_beyond_the_context_is_told(files, beginnings):
    with local_model(files["F32"], context=64) as model:
        long = beginnings[0] * 100  # llama.cpp makes a context of 256 at least
        for ask in (model.complete, model.continued, model.next_token_logs):
            with pytest.raises(ValueError, match=r"400 tokens\) exceeds .* pass a larger context="):
                ask(long, 2) if ask != model.complete else ask(long, max_tokens=2)
        with pytest.raises(ValueError, match="Shorten the prompt"):
            model.chat([{"role": "user", "content": " tom" * 400}], max_tokens=2)
        assert model.complete(long[:250], max_tokens=30)["usage"]["total_tokens"] <= 256


def small(**options):
    sizes = {"vocab_size": 9, "n_embd": 64, "n_layer": 1, "n_head": 2, "n_positions": 16}
    return GPT2LMHeadModel(GPT2Config(**{**sizes, **options}))


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({}, "Q5_K", "no kind 'Q5_K': pass F32, F16, Q8_0, Q4_1 or Q4_0"),
        ({"activation_function": "relu"}, "F32", "the activation gelu_new"),
        ({"tie_word_embeddings": False}, "F32", "pass one with a tied head"),
        ({"n_embd": 48}, "Q8_0", "rows of 48 make no whole blocks of 32"),
    ],
)
def test_what_cannot_be_written_is_told(decoder, tmp_path, options, kind, message):
    with pytest.raises(ValueError, match=message):
        write_gpt2(small(**options), decoder.tokenizer, tmp_path / "none.gguf", kind=kind)
    assert not (tmp_path / "none.gguf").exists()


def test_a_file_of_another_model_is_told(decoder, files):
    with pytest.raises(ValueError, match="has other sizes in token_embd"):
        read_gpt2(files["F32"], small(n_layer=3))
    sizes = {"vocab_size": 287, "n_embd": 128, "n_positions": 544, "n_head": 4}
    with pytest.raises(ValueError, match=r"has no blk\.3\.attn_norm"):
        read_gpt2(files["F32"], small(n_layer=4, **sizes))
    with pytest.raises(ValueError, match="no prompt"):
        apart_from(files["F32"], decoder.model, [])
