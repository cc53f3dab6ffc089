"""Pictures as tokens: patches, ViT, codebooks, and the pictures that the book draws."""

import pytest
import torch
from hypothesis import given, strategies as st
from transformers import ViTConfig, ViTForImageClassification

from lessons.families import (
    captions,
    cut_patches,
    draw_batch,
    draw_pictures,
    draw_sequences,
    from_transformers,
    join_patches,
    learn_codebook,
    nearest_codes,
    places_of,
    to_pictures,
    to_sequences,
)
from lessons.families.images.image_tokens import PATCH, WORDS
from lessons.families.images.pictures import KINDS, PLACES
from support import few, proofs, same


def vit(**changes):
    sizes = dict(
        hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
        image_size=8, patch_size=4, num_channels=2, num_labels=5,
    )  # fmt: skip
    return ViTForImageClassification(ViTConfig(**sizes | changes))


@pytest.mark.parametrize(
    "changes",
    [{}, {"patch_size": 2, "num_channels": 1}, {"hidden_act": "relu", "layer_norm_eps": 1e-3}],
)
@torch.no_grad()
def test_vit_equals_transformers(prepared, changes):
    theirs = prepared(vit(**changes))
    channels = theirs.config.num_channels
    pictures = torch.rand(3, channels, 8, 8, dtype=torch.float64)
    ours = from_transformers(theirs)
    torch.testing.assert_close(ours(pictures), theirs(pictures).logits, atol=1e-10, rtol=1e-11)


def test_a_vit_without_biases_is_refused():
    with pytest.raises(ValueError, match="qkv_bias=True"):
        from_transformers(vit(qkv_bias=False))


@torch.no_grad()
def test_without_positions_a_vit_cannot_tell_a_picture_from_its_shuffled_patches(prepared):
    ours = from_transformers(prepared(vit()))
    pictures = torch.rand(3, 2, 8, 8, dtype=torch.float64)
    shuffled = join_patches(cut_patches(pictures, 4)[:, [2, 0, 3, 1]], 4, columns=2)
    assert not torch.allclose(ours(shuffled), ours(pictures))
    ours.embed.positions.table.weight.zero_()
    same(ours(shuffled), ours(pictures))


@few
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
def test_patches_can_be_put_together_again(channels, rows, columns, size):
    pictures = torch.rand(2, channels, rows * size, columns * size)
    patches = cut_patches(pictures, size)
    assert patches.shape == (2, rows * columns, channels * size * size)
    assert torch.equal(join_patches(patches, size, columns=columns), pictures)


def check_cut(cut):
    """Patch 1 of a picture is the square to the right of patch 0."""
    picture = torch.arange(24.0).reshape(1, 1, 4, 6)
    assert cut(picture, 2)[0, 1].tolist() == [2, 3, 8, 9]
    assert cut(picture, 2)[0, 3].tolist() == [12, 13, 18, 19]


def by_columns(pictures, size):
    return cut_patches(pictures.mT, size)


def strips(pictures, size):
    return pictures.flatten(1).reshape(len(pictures), -1, size * size)


test_patches_are_squares_row_by_row, test_wrong_cuts_are_caught = proofs(
    cut_patches, {check_cut: [by_columns, strips]}
)


@pytest.mark.parametrize("size", [0, 3, 16])
def test_patches_that_do_not_fit_are_refused(size):
    with pytest.raises(ValueError, match="pass a size that divides both"):
        cut_patches(torch.zeros(1, 1, 8, 8), size)


def test_patches_that_fill_no_row_are_refused():
    with pytest.raises(ValueError, match="pass another `columns`"):
        join_patches(torch.zeros(1, 5, 4), 2, columns=2)


def test_nearest_codes_by_brute_force():
    patches, codebook = torch.randn(2, 7, 3), torch.randn(5, 3)
    brute = [
        [min(range(5), key=lambda k, x=x: (x - codebook[k]).norm().item()) for x in row]
        for row in patches
    ]
    assert nearest_codes(patches, codebook).tolist() == brute


def test_each_round_of_k_means_brings_entries_nearer():
    patches = torch.rand(300, 4)
    errors = []
    for rounds in (0, 1, 3, 20):
        generator = torch.Generator().manual_seed(0)
        codebook = learn_codebook(patches, 12, generator=generator, rounds=rounds)
        nearest = codebook[nearest_codes(patches, codebook)]
        errors.append((patches - nearest).square().mean().item())
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.8 * errors[0]


def test_no_entry_stays_without_patches():
    patches = torch.cat([torch.zeros(50, 2), torch.ones(50, 2), torch.tensor([[9.0, 9], [9, 8]])])
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        codebook = learn_codebook(patches, 3, generator=generator)
        assert nearest_codes(patches, codebook).unique().numel() == 3


def test_too_many_codes_are_refused():
    with pytest.raises(ValueError, match="pass 1 to 1"):
        learn_codebook(torch.zeros(9, 2), 2, generator=torch.Generator())


def test_places_and_kinds_can_be_seen_in_the_pictures():
    pictures, kinds, places = draw_batch(torch.Generator().manual_seed(0), size=200)
    assert pictures.min() == 0 and pictures.max() == 1
    assert torch.equal(places_of(pictures), places)
    # A shape moved to another place is the same shape.
    ink = [pictures[kinds == kind].sum(dim=(1, 2, 3)).mean().item() for kind in range(len(KINDS))]
    assert len({round(one) for one in ink}) == len(KINDS)
    assert len(PLACES) == 4


@pytest.mark.parametrize(("kind", "place"), [(4, 0), (0, 4), (-1, 0)])
def test_unknown_shapes_are_refused(kind, place):
    with pytest.raises(ValueError, match="pass numbers from 0"):
        draw_pictures(torch.tensor([kind]), torch.tensor([place]), generator=torch.Generator())


def test_a_sequence_holds_caption_and_picture():
    generator = torch.Generator().manual_seed(0)
    pictures, kinds, places = draw_batch(generator, size=300)
    patches = cut_patches(pictures, PATCH)
    codebook = learn_codebook(patches.flatten(0, 1), 32, generator=generator)
    ids = to_sequences(pictures, kinds, places, codebook=codebook)
    assert torch.equal(ids[:, :2], captions(kinds, places))
    assert [WORDS[i] for i in ids[0, :2]] == [KINDS[kinds[0]], PLACES[places[0]]]
    drawn = to_pictures(ids[:, 2:], codebook=codebook)
    assert (drawn - pictures).square().mean() < 0.2 * pictures.var()
    assert torch.equal(to_sequences(drawn, kinds, places, codebook=codebook), ids)
    one, other = (draw_sequences(torch.Generator().manual_seed(3), codebook=codebook, size=9)
                  for _ in range(2))  # fmt: skip
    assert torch.equal(one, other) and one.shape == (9, 18)
