"""Latent attention against transformers' DeepSeek-V3, and against itself in its other form."""

import torch
from hypothesis import given, strategies as st
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3Attention

from lessons.attention import causal_mask
from lessons.families import LatentAttention, absorbed_scores, expanded_scores
from lessons.positions import Rotary, rotary_angles, rotate_neighbors
from support import few, proofs, same

SIZES = dict(heads=3, d_head=4, d_latent=5, d_rotary=2)


def layer(compare=expanded_scores, d_model=12):
    torch.manual_seed(0)
    return LatentAttention(d_model, **SIZES, place=Rotary(), compare=compare).double()


def oracle(ours, tokens):
    """What transformers computes with the same weights."""
    config = DeepseekV3Config(
        hidden_size=12, num_attention_heads=3, num_key_value_heads=3, q_lora_rank=None,
        kv_lora_rank=5, qk_nope_head_dim=4, qk_rope_head_dim=2, v_head_dim=4,
        attn_implementation="sdpa", rope_interleave=True,
    )  # fmt: skip
    theirs = DeepseekV3Attention(config, 0).double().eval()
    norm = torch.nn.RMSNorm(5, eps=theirs.kv_a_layernorm.variance_epsilon).double()
    norm.weight.data = ours.norm.gain.data
    theirs.kv_a_layernorm = norm  # transformers' own goes through float32
    theirs.q_proj.weight.data = ours.to_query.weight.data
    theirs.kv_a_proj_with_mqa.weight.data = ours.to_kept.weight.data
    theirs.kv_b_proj.weight.data = torch.cat([ours.to_key, ours.to_value], dim=1).flatten(0, 1).data
    theirs.o_proj.weight.data = ours.to_output.weight.data
    n = tokens.shape[1]
    angles = rotary_angles(torch.arange(n, dtype=tokens.dtype), 2)
    both = torch.cat([angles, angles], dim=-1)[None]
    hidden = torch.zeros(n, n, dtype=tokens.dtype).masked_fill(~causal_mask(n, n), -torch.inf)
    return theirs(tokens, (both.cos(), both.sin()), hidden[None, None])[0]


@torch.no_grad()
def test_it_equals_transformers_deepseek():
    ours = layer()
    ours.norm.gain.normal_()
    tokens = torch.randn(2, 7, 12, dtype=torch.float64)
    same(ours(tokens, visible=causal_mask(7, 7)), oracle(ours, tokens))


@few
@given(st.integers(1, 9), st.integers(0, 99))
@torch.no_grad()
def test_absorbed_equals_expanded(tokens, seed):
    x = torch.randn(
        2, tokens, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    same(layer(absorbed_scores)(x), layer()(x))


def test_scores_by_hand():
    query = torch.tensor([[[[1.0, 2.0]]]])
    latent = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 3.0, 0.0]]])
    to_key = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]])
    # The keys are (1, 1) and (0, 3).
    for compare in (expanded_scores, absorbed_scores):
        assert compare(query, latent, to_key).tolist() == [[[[3.0, 6.0]]]]


def check_scores(compare):
    query, latent = torch.randn(1, 2, 3, 4), torch.randn(1, 5, 6)
    to_key = torch.randn(2, 4, 6)
    brute = torch.stack(
        [torch.stack([query[0, h] @ (to_key[h] @ c) for c in latent[0]], dim=-1) for h in range(2)]
    )
    torch.testing.assert_close(compare(query, latent, to_key)[0], brute, rtol=0, atol=1e-4)


def without_head(query, latent, to_key):
    return expanded_scores(query, latent, to_key[:1].expand_as(to_key))


def key_of_the_neighbor(query, latent, to_key):
    return absorbed_scores(query, latent.roll(1, dims=1), to_key)


test_scores_expanded, test_broken_scores_are_caught = proofs(
    expanded_scores, {check_scores: [without_head, key_of_the_neighbor]}
)


def test_scores_absorbed():
    check_scores(absorbed_scores)


@torch.no_grad()
def test_what_is_kept_is_all_that_later_tokens_need():
    """Two texts whose kept vectors agree give a later token the same output."""
    ours = layer()
    x = torch.randn(1, 5, 12, dtype=torch.float64)
    # A change that the compression does not see.
    unseen = torch.linalg.svd(ours.to_kept.weight).Vh[-1]
    changed = x.clone()
    changed[:, :4] += 3 * unseen
    for one, other in zip(ours.kept(x), ours.kept(changed), strict=True):
        same(one, other)
    same(ours(changed)[:, 4], ours(x)[:, 4])
    assert not torch.allclose(ours(changed)[:, 0], ours(x)[:, 0])


@torch.no_grad()
def test_only_offsets_matter():
    ours = layer()
    x = torch.randn(1, 6, 12, dtype=torch.float64)
    later = LatentAttention(12, **SIZES, place=shifted(9)).double()
    later.load_state_dict(ours.state_dict())
    same(later(x), ours(x))
    unplaced = LatentAttention(12, **SIZES, place=lambda v, start: v).double()
    unplaced.load_state_dict(ours.state_dict())
    assert not torch.allclose(unplaced(x), ours(x))


def shifted(by):
    return lambda vectors, start: Rotary()(vectors, start=start + by)


def test_with_a_rotation_a_changed_query_per_key_is_needed():
    """Why positions travel apart: no one changed query gives the scores; one for each key does."""
    query, latent, to_key = (torch.randn(size).double() for size in ((8,), (200, 16), (8, 16)))
    angles = rotary_angles(torch.arange(200).double(), 8)
    keys = latent @ to_key.mT
    turned = rotate_neighbors(keys, angles) @ rotate_neighbors(query[None], angles[-1:])[0]
    per_key = rotate_neighbors(query.expand(200, -1), angles[-1:] - angles) @ to_key
    torch.testing.assert_close((per_key * latent).sum(dim=-1), turned, rtol=0, atol=1e-10)
    for scores, missed in ((keys @ query, 0.0), (turned, 0.3)):
        best = torch.linalg.lstsq(latent, scores[:, None]).solution
        rest = (latent @ best)[:, 0] - scores
        assert rest.var() / scores.var() >= missed
        assert (rest.var() / scores.var() < 1e-6) == (missed == 0)
