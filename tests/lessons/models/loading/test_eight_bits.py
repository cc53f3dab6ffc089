"""The encoder in 8 bits: what is rounded is near, and its file has all that its reader needs."""

import json

import pytest
import torch
from hypothesis import given, strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from lessons.models.loading import eight_bits as module
from lessons.models.loading.eight_bits import BLOCK, eight_bits, read_eight_bits, write_eight_bits
from lessons.models.loading.wheels import find_wheel

BYTES = 24_000_000


def rounded(codes, scale):
    return (codes.float().unflatten(1, (scale.shape[1], -1)) * scale[..., None]).flatten(1)


def is_near(make, weights, block) -> bool:
    """Say whether no weight is farther off than half of what a step of its block is."""
    codes, scale = make(weights, block=block)
    step = weights.unflatten(1, (-1, block)).abs().amax(dim=2, keepdim=True) / 127
    off = (rounded(codes, scale) - weights).abs().unflatten(1, (-1, block))
    return bool((off <= 0.5001 * step).all()) and codes.abs().max() <= 127


@given(st.integers(1, 4), st.integers(1, 3), st.sampled_from([1, 8]), st.integers(0, 99))
def test_no_weight_is_off_by_more_than_half_a_step(rows, blocks, block, seed):
    weights = torch.randn(rows, blocks * block, generator=torch.Generator().manual_seed(seed))
    weights[0, :block] = 0
    assert is_near(eight_bits, weights, block)


def test_one_scale_for_all_is_noticed():
    def coarse(weights, block):
        scale = torch.full((len(weights), weights.shape[1] // block), weights.abs().max() / 127)
        return (weights / scale[0, 0]).round().to(torch.int8), scale

    weights = torch.tensor([[1.0, 0.5], [0.003, 0.001]])
    assert is_near(eight_bits, weights, 2) and not is_near(coarse, weights, 2)


def test_a_row_that_is_no_whole_number_of_blocks_is_refused():
    with pytest.raises(ValueError, match=r"rows of 3 weights.*pass a block that divides them"):
        eight_bits(torch.ones(1, 3), block=2)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("minilm") / "minilm.safetensors"
    write_eight_bits(path)
    return path


def test_the_file_is_small_and_has_every_weight_but_the_pooler_s(file):
    assert file.stat().st_size <= BYTES
    whole = load_file(find_wheel("encoder") / "model.safetensors")
    read = read_eight_bits(file)
    left_out = {"pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids"}
    assert set(whole) - set(read) == left_out and set(read) <= set(whole)
    for name, weights in read.items():
        assert weights.shape == whole[name].shape
        if weights.ndim == 1:
            assert torch.equal(weights, whole[name])
        else:
            assert is_near(
                lambda given, block, saved=weights: eight_bits(saved), whole[name], BLOCK
            )


def test_the_file_tells_its_configuration_and_its_tokens_in_order(file):
    with safe_open(file, "pt") as opened:
        told = json.loads(opened.metadata()["about"])
    assert told["config"]["num_hidden_layers"] == 6
    words = (find_wheel("encoder") / "vocab.txt").read_text("utf8").splitlines()
    assert told["tokens"] == words


def test_it_is_the_same_each_time(file, tmp_path):
    for _ in range(4):  # an order that is left to chance would differ
        write_eight_bits(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_a_matrix_without_scales_is_refused(tmp_path):
    save_file({"some.weight": torch.ones(1, 2, dtype=torch.int8)}, tmp_path / "poor")
    with pytest.raises(ValueError, match=r"some.weight has no scales: write"):
        read_eight_bits(tmp_path / "poor")


def test_the_command_writes_the_file_or_tells_what_is_wrong(file, tmp_path, monkeypatch):
    monkeypatch.setattr(module.sys, "argv", ["eight_bits", str(tmp_path / "made")])
    module.main()
    assert (tmp_path / "made").read_bytes() == file.read_bytes()
    monkeypatch.setattr(module.sys, "argv", ["eight_bits"])
    with pytest.raises(SystemExit, match="pass the name of the file to write"):
        module.main()

    def gone(name):
        raise OSError("not installed")

    monkeypatch.setattr(module, "find_wheel", gone)
    monkeypatch.setattr(module.sys, "argv", ["eight_bits", str(tmp_path / "none")])
    with pytest.raises(SystemExit, match="not installed"):
        module.main()
