"""What the formulas count is what the modules hold and what torch's counter sees."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch.utils.flop_counter import FlopCounterMode

from lessons.attention import attention_parameters
from lessons.blocks import (
    Attention,
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    GatedFeedForward,
    LayerNorm,
    RMSNorm,
    attention_flops,
    block_flops,
    block_parameters,
    feed_forward_flops,
    feed_forward_parameters,
    gated_feed_forward_parameters,
    pre_norm,
    relu,
    silu,
)
from support import caught_by, few

size = st.integers(1, 5)
SIZES = dict(tokens=3, source=5, heads=2, d_head=7, d_ff=11)


def held(module):
    return sum(parameter.numel() for parameter in module.parameters())


def flops(module, *inputs):
    with FlopCounterMode(display=False) as counter:
        module(*inputs)
    return counter.get_total_flops()


def check_feed_forward(count, *, heads, d_head, d_ff, **_):
    d = heads * d_head
    for bias in (True, False):
        assert count(d, d_ff, bias=bias) == held(FeedForward(d, d_ff, relu, bias=bias))


def check_gated(count, *, heads, d_head, d_ff, **_):
    d = heads * d_head
    assert count(d, d_ff) == held(GatedFeedForward(d, d_ff, silu))


def blocks(heads, d_head, d_ff):
    """An encoder block with LayerNorm, and a decoder block with RMSNorm and a gate."""
    d = heads * d_head
    own = EncoderBlock(
        Attention(d, heads),
        FeedForward(d, d_ff, relu),
        norm=lambda: LayerNorm(d),
        residual=pre_norm,
    )
    looking = DecoderBlock(
        Attention(d, heads),
        Attention(d, heads),
        GatedFeedForward(d, d_ff, silu),
        norm=lambda: RMSNorm(d),
        residual=pre_norm,
    )
    return own, looking


def check_block_parameters(count, *, heads, d_head, d_ff, **_):
    d = heads * d_head
    own, looking = blocks(heads, d_head, d_ff)
    attention = attention_parameters(d, heads=heads, kv_heads=heads, bias=True)
    feed = feed_forward_parameters(d, d_ff)
    assert count(attention=attention, feed_forward=feed, norm=2 * d) == held(own)
    gated = gated_feed_forward_parameters(d, d_ff)
    assert count(attention=attention, feed_forward=gated, norm=d, attentions=2) == held(looking)


def check_attention_flops(count, *, tokens, source, heads, d_head, **_):
    d = heads * d_head
    inputs = torch.zeros(1, tokens, d), torch.zeros(1, source, d)
    assert count(tokens, source, d) == flops(Attention(d, heads), *inputs)


def check_feed_forward_flops(count, *, tokens, heads, d_head, d_ff, **_):
    d = heads * d_head
    x = torch.zeros(1, tokens, d)
    assert count(tokens, d, d_ff) == flops(FeedForward(d, d_ff, relu), x)
    assert count(tokens, d, d_ff, matrices=3) == flops(GatedFeedForward(d, d_ff, silu), x)


def check_block_flops(count, *, tokens, source, heads, d_head, d_ff):
    d = heads * d_head
    own, looking = blocks(heads, d_head, d_ff)
    x, memory = torch.zeros(1, tokens, d), torch.zeros(1, source, d)
    assert count(tokens, d, d_ff) == flops(own, x)
    assert count(tokens, d, d_ff, matrices=3, source=source) == flops(looking, x, memory)


def forgets_one_bias(d_model, d_ff, *, bias=True):
    return 2 * d_model * d_ff + (d_ff if bias else 0)


def two_matrices(d_model, d_ff):
    return 2 * d_model * d_ff


def one_norm(*, attention, feed_forward, norm, attentions=1):
    return attentions * attention + feed_forward + norm


def two_norms_always(*, attention, feed_forward, norm, attentions=1):
    return attentions * attention + feed_forward + 2 * norm


def projects_keys_for_each_query(queries, keys, d_model):
    return 8 * queries * d_model**2 + 4 * queries * keys * d_model


def multiplications_only(tokens, d_model, d_ff, *, matrices=2):
    return matrices * tokens * d_model * d_ff


def never_gated(tokens, d_model, d_ff, *, matrices=2):
    return feed_forward_flops(tokens, d_model, d_ff)


def without_cross(tokens, d_model, d_ff, *, matrices=2, source=None):
    return block_flops(tokens, d_model, d_ff, matrices=matrices)


def cross_as_long_as_self(tokens, d_model, d_ff, *, matrices=2, source=None):
    source = source and tokens
    return block_flops(tokens, d_model, d_ff, matrices=matrices, source=source)


RIGHT = {
    check_feed_forward: feed_forward_parameters,
    check_gated: gated_feed_forward_parameters,
    check_block_parameters: block_parameters,
    check_attention_flops: attention_flops,
    check_feed_forward_flops: feed_forward_flops,
    check_block_flops: block_flops,
}
MUTANTS = {
    check_feed_forward: [forgets_one_bias],
    check_gated: [two_matrices],
    check_block_parameters: [one_norm, two_norms_always],
    check_attention_flops: [projects_keys_for_each_query],
    check_feed_forward_flops: [multiplications_only, never_gated],
    check_block_flops: [without_cross, cross_as_long_as_self],
}


@pytest.mark.parametrize("check", RIGHT)
@few
@given(tokens=size, source=size, heads=size, d_head=size, d_ff=size)
def test_count(check, **sizes):
    check(RIGHT[check], **sizes)


@pytest.mark.parametrize(("check", "mutant"), caught_by(MUTANTS))
def test_a_wrong_count_is_noticed(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant, **SIZES)


def test_published_sizes():
    """GPT-2 small's and Llama 3 8B's feed-forward networks."""
    assert feed_forward_parameters(768, 3072) == 4_722_432
    assert gated_feed_forward_parameters(4096, 14336) == 176_160_768
