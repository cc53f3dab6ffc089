"""Activations, norms, residuals, feed-forward networks, attention and blocks."""

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from torch import nn
from transformers.activations import ACT2FN

from lessons.attention import GroupedQueryAttention, MultiHeadAttention, causal_mask, padding_mask
from lessons.blocks import (
    Attention,
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    GatedFeedForward,
    LayerNorm,
    RMSNorm,
    dot_scores,
    edit,
    gelu,
    gelu_tanh,
    layer_norm,
    post_norm,
    pre_norm,
    record,
    relu,
    rms_norm,
    scaled_scores,
    silu,
)
from lessons.limits import HeldBytes

few = settings(deadline=None, max_examples=20)
sizes = st.integers(1, 6)


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


def random(*shape, seed=5):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (relu, F.relu),
        (gelu, F.gelu),
        (gelu_tanh, lambda x: F.gelu(x, approximate="tanh")),
        (gelu_tanh, ACT2FN["gelu_new"]),
        (silu, F.silu),
    ],
)
def test_activations(ours, theirs):
    x = torch.linspace(-6, 6, 1001, dtype=torch.float64)
    close(ours(x), theirs(x))
    assert torch.autograd.gradcheck(ours, torch.tensor([0.7, -1.3]).double().requires_grad_())


def test_two_gelus_differ():
    x = torch.linspace(-4, 4, 1001, dtype=torch.float64)
    gap = (gelu(x) - gelu_tanh(x)).abs().max()
    assert 1e-4 < gap < 1e-3


def test_norms_by_hand():
    x = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    ones, zeros = torch.ones(3).double(), torch.zeros(3).double()
    # mean 3, deviations −2, −1, 3, variance 14/3
    by_hand = torch.tensor([-2.0, -1.0, 3.0], dtype=torch.float64) / (14 / 3) ** 0.5
    close(layer_norm(x, ones, zeros, epsilon=0.0), by_hand)
    close(rms_norm(x, ones, epsilon=0.0), x / (41 / 3) ** 0.5)


@few
@given(tokens=sizes, d_model=st.integers(2, 9), epsilon=st.sampled_from([1e-12, 1e-5, 0.1]))
def test_norms_equal_torchs(tokens, d_model, epsilon):
    x, gain, bias = random(tokens, d_model), random(d_model), random(d_model, seed=6)
    ours, theirs = LayerNorm(d_model, epsilon=epsilon).double(), nn.LayerNorm(d_model, epsilon)
    ours.gain.data, ours.bias.data = gain, bias
    theirs.weight.data, theirs.bias.data = gain, bias
    close(ours(x), theirs(x))
    ours, theirs = RMSNorm(d_model, epsilon=epsilon).double(), nn.RMSNorm(d_model, epsilon)
    ours.gain.data = theirs.weight.data = gain
    close(ours(x), theirs(x))
    # Broken variants: the unbiased variance, and ε outside the root.
    deviation = x - x.mean(-1, keepdim=True)
    assert not torch.allclose(
        deviation / x.std(-1, keepdim=True),
        deviation / (x.std(-1, keepdim=True, correction=0) + epsilon),
        atol=1e-9,
    )


def test_norms_see_one_token_alone():
    x = random(4, 6)
    changed = x.clone()
    changed[2] += 100 * random(6, seed=8)
    for norm in (LayerNorm(6).double(), RMSNorm(6).double()):
        kept = [0, 1, 3]
        assert torch.equal(norm(changed)[kept], norm(x)[kept])
    # RMSNorm takes no notice of scale, LayerNorm of a shift either.
    close(RMSNorm(6, epsilon=0.0).double()(7 * x), RMSNorm(6, epsilon=0.0).double()(x))
    close(LayerNorm(6).double()(x + 3), LayerNorm(6).double()(x))
    assert not torch.allclose(RMSNorm(6).double()(x + 3), RMSNorm(6).double()(x), atol=1e-3)


def test_residuals():
    """Pre-norm leaves the stream alone; post-norm rescales it."""
    x, norm = random(3, 4), LayerNorm(4).double()
    nothing = torch.zeros_like
    close(pre_norm(x, norm, nothing), x)
    close(post_norm(x, norm, nothing), norm(x))
    assert not torch.allclose(post_norm(x, norm, nothing), x, atol=1e-3)


def test_feed_forward_by_hand():
    layer = FeedForward(1, 2, relu)
    layer.to_hidden.weight.data = torch.tensor([[1.0], [-1.0]])
    layer.to_hidden.bias.data = torch.tensor([0.0, 1.0])
    layer.to_output.weight.data = torch.tensor([[10.0, 100.0]])
    layer.to_output.bias.data = torch.tensor([-1000.0])
    # x = 3: hidden (3, −2) → (3, 0) → 30 − 1000: no second bend, or it would be 0.
    assert layer(torch.tensor([[3.0]])).item() == -970.0
    assert FeedForward(4, 8, relu, bias=False).to_output.bias is None


def test_gate():
    layer = GatedFeedForward(3, 5, silu).double()
    x = random(2, 3)
    hidden = F.silu(x @ layer.to_gate.weight.T) * (x @ layer.to_hidden.weight.T)
    close(layer(x), hidden @ layer.to_output.weight.T)
    swapped = F.silu(x @ layer.to_hidden.weight.T) * (x @ layer.to_gate.weight.T)
    assert not torch.allclose(layer(x), swapped @ layer.to_output.weight.T, atol=1e-6)


@few
@given(batch=sizes, queries=sizes, more=sizes, heads=st.integers(1, 3))
def test_attention_equals_the_lessons(batch, queries, more, heads):
    """The model's attention is that of the chapter on heads."""
    lesson = MultiHeadAttention(6 * heads, heads).double()
    ours = Attention(6 * heads, heads).double()
    ours.load_state_dict(lesson.state_dict())
    tokens, memory = random(batch, queries, 6 * heads), random(batch, queries + more, 6 * heads)
    visible = causal_mask(queries, queries + more)
    mixed, weights = lesson(tokens, memory, visible=visible)
    with record(ours) as seen:
        close(ours(tokens, memory, visible=visible), mixed)
    close(seen["weights"], weights)


def test_grouped_attention_equals_the_lesson():
    lesson = GroupedQueryAttention(12, heads=6, kv_heads=2).double()
    ours = Attention(12, 6, kv_heads=2, bias=False).double()
    ours.load_state_dict(lesson.state_dict())
    tokens = random(2, 5, 12)
    visible = causal_mask(5, 5) & padding_mask([5, 3], 5)
    close(ours(tokens, visible=visible), lesson(tokens, visible=visible)[0])
    with pytest.raises(ValueError, match="6 query heads cannot share 4"):
        Attention(12, 6, kv_heads=4)
    with pytest.raises(ValueError, match="cannot be cut into 5 equal heads"):
        Attention(12, 5)


def test_scores():
    query, key = random(2, 3, 4), random(2, 5, 4, seed=1)
    close(dot_scores(query, key), 2 * scaled_scores(query, key))


def test_bias_and_place_reach_the_scores():
    layer = Attention(4, 2, place=lambda x, start: x * (start + 1)).double()
    tokens, bias = random(1, 3, 4), random(2, 3, 3)
    with record(layer) as seen:
        layer(tokens, bias=bias)
    expected = scaled_scores(seen["query"], seen["key"]) + bias
    close(seen["scores"], expected)


def encoder_block(residual):
    parts = Attention(12, 3), FeedForward(12, 20, F.gelu)
    return EncoderBlock(*parts, norm=lambda: LayerNorm(12), residual=residual).double()


def copy_attention(ours, theirs):
    theirs.in_proj_weight.data = torch.cat(
        [ours.to_query.weight, ours.to_key.weight, ours.to_value.weight]
    ).detach()
    theirs.in_proj_bias.data = torch.cat(
        [ours.to_query.bias, ours.to_key.bias, ours.to_value.bias]
    ).detach()
    theirs.out_proj.load_state_dict(ours.to_output.state_dict())


@pytest.mark.parametrize(("residual", "norm_first"), [(pre_norm, True), (post_norm, False)])
def test_encoder_block_equals_torchs(residual, norm_first):
    ours = encoder_block(residual)
    theirs = nn.TransformerEncoderLayer(
        12, 3, 20, 0.0, "gelu", batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    copy_attention(ours.attention, theirs.self_attn)
    theirs.linear1.load_state_dict(ours.feed_forward.to_hidden.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.to_output.state_dict())
    tokens = random(2, 5, 12)
    close(ours(tokens), theirs(tokens))
    ours.residual = {pre_norm: post_norm, post_norm: pre_norm}[residual]
    assert not torch.allclose(ours(tokens), theirs(tokens), atol=1e-3)


@pytest.mark.parametrize(("residual", "norm_first"), [(pre_norm, True), (post_norm, False)])
def test_decoder_block_equals_torchs(residual, norm_first):
    parts = Attention(12, 3), Attention(12, 3), FeedForward(12, 20, F.relu)
    ours = DecoderBlock(*parts, norm=lambda: LayerNorm(12), residual=residual).double()
    theirs = nn.TransformerDecoderLayer(
        12, 3, 20, 0.0, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    copy_attention(ours.attention, theirs.self_attn)
    copy_attention(ours.cross, theirs.multihead_attn)
    theirs.linear1.load_state_dict(ours.feed_forward.to_hidden.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.to_output.state_dict())
    tokens, memory, visible = random(2, 5, 12), random(2, 7, 12), causal_mask(5, 5)
    expected = theirs(tokens, memory, tgt_mask=~visible)
    close(ours(tokens, memory, visible=visible), expected)
    assert not torch.allclose(ours(tokens, memory), expected, atol=1e-6)  # the mask forgotten


def test_tokens_have_no_order_without_positions():
    block, tokens = encoder_block(pre_norm), random(1, 6, 12)
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    close(block(tokens[:, order]), block(tokens)[:, order])
    causal = block(tokens[:, order], visible=causal_mask(6, 6))
    assert not torch.allclose(causal, block(tokens, visible=causal_mask(6, 6))[:, order])


def test_edit_and_record():
    block, tokens = encoder_block(pre_norm), random(1, 4, 12)
    before = block(tokens)
    with record(block) as seen:
        block(tokens)
    assert {"attention.weights", "attended", "feed_forward.hidden", "out"} <= set(seen)
    assert torch.equal(seen["out"], before)
    with edit(block, {"attention.mixed": torch.zeros_like, "out": lambda out: out + 1}):
        changed = block(tokens)
    without = tokens + block.attention.to_output.bias
    close(changed, without + block.feed_forward(block.feed_norm(without)) + 1)
    assert torch.equal(block(tokens), before)
    with (
        pytest.raises(ValueError, match=re.escape("no probe is called 'weights'")),
        edit(block, {"weights": torch.zeros_like}),
    ):
        pass
    assert not any(module._forward_hooks for module in block.modules())


LONG = 600  # more than two tiles


@pytest.mark.parametrize(
    "visible",
    [None, causal_mask(LONG, LONG), padding_mask([LONG, 0], LONG), padding_mask([7, 300], LONG)],
    ids=["none", "causal", "one text hidden", "padding"],
)
@pytest.mark.parametrize("compare", [scaled_scores, dot_scores])
def test_many_queries_are_read_in_tiles_to_the_same_result(visible, compare):
    """And to the same gradient, as when somebody looks at the weights."""
    layer = Attention(24, 4, kv_heads=2, compare=compare).double()
    x = torch.randn(2, LONG, 24, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(4, LONG, LONG, dtype=torch.float64)
    found = []
    for probe in ("mixed", "weights"):
        with edit(layer, {probe: lambda value: value}):
            output = layer(x, visible=visible, bias=bias)
        found.append((output, torch.autograd.grad(output.sin().sum(), x)[0]))
    for tiled, whole in zip(*found, strict=True):
        close(tiled, whole)
    with HeldBytes() as held, torch.no_grad():
        layer(x, visible=visible, bias=bias)
    assert held.most < 2 * 4 * LONG * LONG * 8  # a table of scores for all heads and texts


def test_what_needs_the_whole_table_gets_it():
    """A softmax over the queries cannot be cut by queries."""

    def over_queries(scores, visible):
        return scores.softmax(dim=-2)

    layer = Attention(8, 2, normalize=over_queries).double()
    x = torch.randn(1, LONG, 8, dtype=torch.float64)
    with record(layer) as seen, torch.no_grad():
        expected = layer(x)
    assert seen["weights"].shape == (1, 2, LONG, LONG)
    close(layer(x), expected)
