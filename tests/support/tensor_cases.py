"""A call of each public function of the lessons that computes with tensors of numbers.

The tests of precision, of devices and of odd input all run this one table. A case draws what the
function needs, in float64 and on the processor; whoever runs it brings that to another type or
place.
"""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from lessons import (
    adaptation,
    attention,
    blocks,
    families,
    foundations,
    generation,
    interpretation,
    limits,
    models,
    positions,
    recurrence,
    tokens,
    training,
)


class Case(NamedTuple):
    """A function, or a module, and its inputs.

    `units` are those of the type's precision by which the result may differ from the exact one,
    measured by the largest result. `looks`: the function looks at numbers to decide what to do, or
    runs torch's own GRU, so that it cannot run on `meta`, nor be mapped or compiled whole.
    """

    function: Callable
    inputs: tuple
    units: float = 4
    looks: bool = False


def draw(*shape, scale=1.0):
    return scale * torch.randn(*shape, dtype=torch.float64)


def chances(*shape):
    return draw(*shape).softmax(dim=-1)


def past(tokens):
    return torch.ones(tokens, tokens, dtype=torch.bool).tril()


def ids(*shape, below=7):
    return torch.randint(below, shape)


def three(*shape):
    return tuple(draw(*shape) for _ in range(3))


def changed(function, **options):
    """Call with options, and leave the tensors in place."""
    return lambda *inputs: function(*inputs, **options)


def trained(weights, gradient):
    moments = training.no_moments(weights)
    return training.adamw_step(weights, gradient, moments, learning_rate=0.1)[0]


def drawn_bag():
    bag = training.Bag(7)
    nn.init.normal_(bag.votes.weight)
    return bag


def drawn_layers():
    return draw(D, 5), draw(5), draw(5, 4), draw(4)


def two_layers(x, *layers):
    return foundations.two_layer_logits(x, foundations.TwoLayers(*layers))


def two_layers_asked(function):
    return lambda x, labels, *layers: function(x, labels, foundations.TwoLayers(*layers))


def flash_gradients(query, key, value):
    mixed, denominator = limits.tiled_attention(query, key, value, rows=2, columns=2)
    ones = torch.ones_like(mixed)
    return limits.tiled_gradients(query, key, value, mixed, denominator, ones, rows=2, columns=2)


def merged(scores, value):
    first = limits.read_block(scores[..., :2], value[..., :2, :])
    second = limits.read_block(scores[..., 2:], value[..., 2:, :])
    empty = limits.nothing_read(value, scores.shape[-2])
    return limits.finished(limits.merge(limits.merge(empty, first), second))


def small_model(**options):
    return families.placed_decoder(7, d_model=8, heads=2, **options)


class Looks(nn.Module):
    """A reader, or a decoder, of recurrence before a memory without padding."""

    def __init__(self, module):
        super().__init__()
        self.module = module
        self.alone = isinstance(module, recurrence.Decoder)  # it returns no weights

    def forward(self, asking, states):
        visible = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
        memory = recurrence.Memory(states, visible, states[None, :, -1].contiguous())
        first = 0 if asking.is_floating_point() else memory.last
        return self.module(asking, memory, first)[: 1 if self.alone else 2]


class Recalls(nn.Module):
    def __init__(self):
        super().__init__()
        self.module = limits.Recaller(limits.read_by_softmax)

    def forward(self, names, things):
        return self.module(limits.Asked(names, things, names[:, 0], things[:, 0]))


def local_reader():
    return recurrence.PredictiveReader(recurrence.DotScore(D), D, radius=2)


def kept(cache_of_length):
    def extend(key, value):
        cache = generation.KeyValueCache(cache_of_length)
        cache.extend(lambda: (key, value))
        return cache.extend(lambda: (key, value))

    return extend


D = 8  # numbers in a vector
CASES: dict[str, Callable[[], Case]] = {
    "adaptation.low_rank_update": lambda: Case(
        changed(adaptation.low_rank_update, scale=0.5), (draw(3, D), draw(2, D), draw(5, 2)), 16
    ),
    "adaptation.LowRank": lambda: Case(
        adaptation.LowRank(nn.Linear(D, 5), rank=2, alpha=4.0).double(), (draw(3, D),), 16
    ),
    "adaptation.updates_by_row": lambda: Case(
        adaptation.updates_by_row,
        (draw(3, 2, D), draw(2, 1, D), draw(2, 5, 1), ids(3, below=2)),
        16,
    ),
    "adaptation.dequantize": lambda: Case(
        adaptation.dequantize, (ids(3, 4, below=256).to(torch.uint8), draw(3, 1), draw(16))
    ),
    "adaptation.share_left": lambda: Case(
        changed(adaptation.share_left, rank=1), (draw(4, D),), 64
    ),
    # adaptation
    "adaptation.soft_targets": lambda: Case(
        changed(adaptation.soft_targets, temperature=2.0), (draw(3, 7),)
    ),
    "adaptation.soft_loss": lambda: Case(
        changed(adaptation.soft_loss, temperature=2.0), (draw(3, 7), draw(3, 7)), 16
    ),
    "adaptation.cosine_loss": lambda: Case(adaptation.cosine_loss, (draw(3, D), draw(3, D)), 16),
    # foundations
    "foundations.merge_layers": lambda: Case(
        foundations.merge_layers, (draw(3, D), draw(D), draw(D, 4), draw(4)), 16
    ),
    "foundations.two_layer_logits": lambda: Case(two_layers, (draw(3, D), *drawn_layers()), 16),
    "foundations.two_layer_loss": lambda: Case(
        two_layers_asked(foundations.two_layer_loss),
        (draw(3, D), ids(3, below=4), *drawn_layers()),
        16,
    ),
    "foundations.two_layer_gradients": lambda: Case(
        two_layers_asked(foundations.two_layer_gradients),
        (draw(3, D), ids(3, below=4), *drawn_layers()),
        64,
    ),
    "foundations.descent_step": lambda: Case(
        changed(foundations.descent_step, learning_rate=0.1), (draw(3, D), draw(3, D))
    ),
    "foundations.spread_by_layer": lambda: Case(
        lambda x, *layers: foundations.spread_by_layer(x, layers),
        (draw(3, D), draw(D, D), draw(D, D)),
        16,
    ),
    # attention
    "attention.masked_softmax": lambda: Case(attention.masked_softmax, (draw(2, 4, 4), past(4))),
    "attention.sees_any": lambda: Case(attention.sees_any, (past(4),)),
    "attention.padding_before": lambda: Case(
        lambda real: attention.padding_before(real[:, None, None]), (~past(4),)
    ),
    "attention.scaled_scores": lambda: Case(attention.scaled_scores, three(2, 4, D)[:2]),
    "attention.scaled_dot_product_attention": lambda: Case(
        attention.scaled_dot_product_attention, three(2, 4, D)
    ),
    "attention.grouped_query_attention": lambda: Case(
        attention.grouped_query_attention, (draw(2, 4, 3, D), draw(2, 2, 5, D), draw(2, 2, 5, D))
    ),
    "attention.GroupedQueryAttention": lambda: Case(
        attention.GroupedQueryAttention(D, heads=4, kv_heads=2), (draw(2, 4, D),), 16
    ),
    "attention.MultiHeadAttention": lambda: Case(
        attention.MultiHeadAttention(D, heads=2), (draw(2, 4, D), draw(2, 5, D)), 16
    ),
    "attention.split_heads": lambda: Case(changed(attention.split_heads, heads=2), (draw(4, D),)),
    "attention.merge_heads": lambda: Case(attention.merge_heads, (draw(2, 4, D),)),
    "attention.soft_lookup": lambda: Case(
        attention.soft_lookup, (draw(D), draw(4, D), draw(4, 3)), 16
    ),
    "attention.cross_attention": lambda: Case(
        attention.cross_attention,
        (draw(2, 4, D), draw(2, 5, D), draw(D, 3), draw(D, 3), draw(D, 3)),
        64,
    ),
    "attention.self_attention": lambda: Case(
        attention.self_attention, (draw(2, 4, D), draw(D, 3), draw(D, 3), draw(D, 3)), 64
    ),
    "attention.softmax_gradient": lambda: Case(attention.softmax_gradient, (draw(3, 4),)),
    "attention.entropy": lambda: Case(attention.entropy, (chances(3, 4),)),
    # positions
    "positions.Rotary": lambda: Case(positions.Rotary(), (draw(2, 2, 300, D),), 16),
    "positions.ScaledRotary": lambda: Case(
        positions.ScaledRotary(positions.rotary_frequencies(D)), (draw(2, 2, 300, D),), 16
    ),
    "positions.rotary_angles": lambda: Case(
        changed(positions.rotary_angles, d_head=D), (torch.arange(9).double(),)
    ),
    "positions.rotate_neighbors": lambda: Case(
        positions.rotate_neighbors, (draw(2, 3, 4), draw(3, 2))
    ),
    "positions.rotate_halves": lambda: Case(positions.rotate_halves, (draw(2, 3, 4), draw(3, 2))),
    "positions.interpolated": lambda: Case(
        changed(positions.interpolated, factor=3), (draw(4).abs(),)
    ),
    "positions.wavelengths": lambda: Case(positions.wavelengths, (draw(4).abs() + 1,)),
    "positions.alibi_bias": lambda: Case(
        changed(positions.alibi_bias, queries=3, keys=300), (draw(2),)
    ),
    "positions.LearnedPositions": lambda: Case(
        positions.LearnedPositions(6, D), (draw(2, 4, D),)
    ),
    "positions.SinusoidalPositions": lambda: Case(
        positions.SinusoidalPositions(), (draw(2, 300, D),)
    ),
    "positions.relative_bucket": lambda: Case(
        changed(positions.relative_bucket, buckets=8, max_distance=16, causal=False),
        (torch.arange(9) - torch.arange(3)[:, None],),
    ),
    # blocks
    "blocks.Attention": lambda: Case(blocks.Attention(D, 4, kv_heads=2), (draw(2, 4, D),), 16),
    "blocks.dot_scores": lambda: Case(blocks.dot_scores, three(2, 4, D)[:2]),
    "blocks.scaled_scores": lambda: Case(blocks.scaled_scores, three(2, 4, D)[:2]),
    "blocks.EncoderBlock": lambda: Case(encoder_block(), (draw(2, 4, D),), 16),
    "blocks.DecoderBlock": lambda: Case(decoder_block(), (draw(2, 4, D), draw(2, 5, D)), 16),
    "blocks.FeedForward": lambda: Case(blocks.FeedForward(D, 9, blocks.gelu), (draw(3, D),), 16),
    "blocks.GatedFeedForward": lambda: Case(
        blocks.GatedFeedForward(D, 9, blocks.silu), (draw(3, D),), 16
    ),
    "blocks.LayerNorm": lambda: Case(blocks.LayerNorm(D), (draw(3, D, scale=3000),)),
    "blocks.RMSNorm": lambda: Case(blocks.RMSNorm(D), (draw(3, D, scale=3000),)),
    "blocks.layer_norm": lambda: Case(
        changed(blocks.layer_norm, epsilon=1e-5), (draw(3, D, scale=3000), draw(D), draw(D))
    ),
    "blocks.rms_norm": lambda: Case(
        changed(blocks.rms_norm, epsilon=1e-5), (draw(3, D, scale=3000), draw(D))
    ),
    "blocks.relu": lambda: Case(blocks.relu, (draw(99),)),
    "blocks.gelu": lambda: Case(blocks.gelu, (draw(99, scale=3),)),
    "blocks.gelu_tanh": lambda: Case(blocks.gelu_tanh, (draw(99, scale=60),)),
    "blocks.silu": lambda: Case(blocks.silu, (draw(99, scale=3),)),
    "blocks.Probe": lambda: Case(blocks.Probe(), (draw(3),)),
    "blocks.post_norm": lambda: Case(
        changed(blocks.post_norm, norm=torch.tanh, sublayer=torch.sin), (draw(3),)
    ),
    "blocks.pre_norm": lambda: Case(
        changed(blocks.pre_norm, norm=torch.tanh, sublayer=torch.sin), (draw(3),)
    ),
    "blocks.norm_without_residual": lambda: Case(
        changed(blocks.norm_without_residual, norm=torch.tanh, sublayer=torch.sin), (draw(3),)
    ),
    "blocks.neither_norm_nor_residual": lambda: Case(
        changed(blocks.neither_norm_nor_residual, norm=torch.tanh, sublayer=torch.sin), (draw(3),)
    ),
    "blocks.token_spread": lambda: Case(blocks.token_spread, (draw(3, 4, D),), looks=True),
    # families
    "families.DecoderOnly": lambda: Case(small_model(), (ids(2, 4),), 64),
    "families.DecoderOnly with rotary": lambda: Case(
        small_model(place=positions.Rotary()), (ids(2, 4),), 64
    ),
    "families.DecoderOnly with a bias": lambda: Case(
        small_model(bias=positions.Alibi(2)), (ids(2, 4),), 64
    ),
    "families.DecoderOnly with relative bias": lambda: Case(
        small_model(bias=positions.RelativeBias(2, buckets=8, max_distance=9, causal=True)),
        (ids(2, 4),),
        64,
    ),
    "families.DecoderOnly with sinusoids": lambda: Case(
        small_model(positions=positions.SinusoidalPositions()), (ids(2, 4),), 64
    ),
    "families.DecoderOnly in steps": lambda: Case(InSteps(), (ids(2, 4),), 64),
    "families.Padded": lambda: Case(AfterPadding(), (ids(2, 4),), 64),
    "families.EncoderOnly": lambda: Case(
        families.EncoderOnly(families.Embedding(7, D), [encoder_block()], nn.Identity()),
        (ids(2, 4),),
        64,
    ),
    "families.EncoderDecoder": lambda: Case(
        families.transformer2017(vocab=7, d_model=D, heads=2, d_ff=9, layers=1),
        (ids(2, 4), ids(2, 3)),
        64,
    ),
    "families.FirstVectorHead": lambda: Case(
        families.FirstVectorHead(D, answers=3).double(), (draw(2, 4, D),), 16
    ),
    "families.Embedding": lambda: Case(
        families.Embedding(7, D, positions=positions.LearnedPositions(5, D), segments=2),
        (ids(2, 4),),
    ),
    "families.LatentAttention": lambda: Case(
        families.LatentAttention(
            D, heads=2, d_head=4, d_latent=3, d_rotary=2, place=positions.Rotary()
        ),
        (draw(2, 4, D),),
        64,
    ),
    "families.MixtureOfExperts": lambda: Case(
        families.MixtureOfExperts(
            D, [blocks.FeedForward(D, 9, blocks.relu) for _ in range(3)], chosen=3
        ),
        (draw(2, 4, D),),
        32,
        looks=True,
    ),
    "families.PatchEmbedding": lambda: Case(
        families.PatchEmbedding(4, channels=1, patches=4, d_model=D), (draw(2, 1, 8, 8),), 16
    ),
    "families.absorbed_scores": lambda: Case(
        families.absorbed_scores, (draw(2, 2, 3, 4), draw(2, 5, 3), draw(2, 4, 3)), 16
    ),
    "families.expanded_scores": lambda: Case(
        families.expanded_scores, (draw(2, 2, 3, 4), draw(2, 5, 3), draw(2, 4, 3)), 16
    ),
    "families.adding_step": lambda: Case(
        families.adding_step, (draw(2, 3, 4), draw(2, 3), draw(2, 4))
    ),
    "families.delta_step": lambda: Case(
        lambda state, key, value, keep, rate: families.delta_step(
            state, key, value, keep=keep, rate=rate
        ),
        (draw(2, 3, 4), draw(2, 3), draw(2, 4), chances(2), chances(2)),
        16,
    ),
    "families.delta_recurrence": lambda: Case(
        lambda query, key, value, keep, rate: families.delta_recurrence(
            query, key, value, keep=keep, rate=rate
        ),
        (draw(2, 3, 4), chances(2, 3, 4), draw(2, 3, 5), chances(2, 3), chances(2, 3)),
        64,
    ),
    "families.centrality": lambda: Case(families.centrality, (draw(4, D),), 16, looks=True),
    "families.choose_tokens": lambda: Case(
        lambda chance: families.choose_tokens(chance, special=chance > 0.9, share=0.5),
        (torch.linspace(0, 1, 33).double(),),
    ),
    "families.fates": lambda: Case(families.fates, (torch.linspace(0, 1, 9).double(),)),
    "families.cut_patches": lambda: Case(
        changed(families.cut_patches, size=4), (draw(2, 1, 8, 8),)
    ),
    "families.join_patches": lambda: Case(
        changed(families.join_patches, size=4, columns=2), (draw(2, 4, 16),)
    ),
    "families.leave_one_out": lambda: Case(
        changed(families.leave_one_out, labels=[0, 0, 1, 1]),
        (torch.tensor([[2.0, 1], [2, 0], [-1, 2], [-2, 2]]).double(),),
        looks=True,
    ),
    "families.nearest_mean": lambda: Case(
        changed(families.nearest_mean, labels=[0, 1]), (draw(4, D), draw(2, D)), looks=True
    ),
    "families.nearest_codes": lambda: Case(families.nearest_codes, (draw(4, D), draw(3, D))),
    "families.masked_loss": lambda: Case(
        families.masked_loss, (draw(2, 4, 7), ids(2, 4)), looks=True
    ),
    "families.shifted_cross_entropy": lambda: Case(
        families.shifted_cross_entropy, (draw(2, 4, 7), ids(2, 4))
    ),
    "families.unshifted_cross_entropy": lambda: Case(
        families.unshifted_cross_entropy, (draw(2, 4, 7), ids(2, 4))
    ),
    "families.route": lambda: Case(changed(families.route, chosen=2), (draw(5, 4),)),
    # generation
    "generation.keep_top_k": lambda: Case(
        lambda logits: generation.keep_top_k(logits, 2).softmax(dim=-1), (draw(2, 7),)
    ),
    "generation.keep_top_p": lambda: Case(
        lambda logits: generation.keep_top_p(logits, 0.7).softmax(dim=-1), (draw(2, 7),)
    ),
    "generation.scale_by_temperature": lambda: Case(
        changed(generation.scale_by_temperature, temperature=0.5), (draw(2, 7),)
    ),
    "generation.KeyValueCache": lambda: Case(kept(8), (draw(2, 2, 3, 4), draw(2, 2, 3, 4))),
    # tokens
    "tokens.look_up": lambda: Case(tokens.look_up, (ids(4), draw(7, D))),
    "tokens.one_hot": lambda: Case(changed(tokens.one_hot, vocab=7), (ids(4),)),
    "tokens.cosines": lambda: Case(tokens.cosines, (draw(3, D, scale=3000), draw(4, D))),
    "tokens.nearest": lambda: Case(
        lambda vector, table: [at for at, _ in tokens.nearest(vector, table)],
        (torch.eye(D).double()[0], torch.eye(D).double()[[1, 0]] + torch.eye(D).double()[0]),
        looks=True,
    ),
    # limits
    "limits.tiled_attention": lambda: Case(
        changed(limits.tiled_attention, rows=2, columns=2, sees=limits.sees_past),
        three(2, 4, D),
        looks=True,
    ),
    "limits.flash_attention": lambda: Case(
        changed(limits.flash_attention, rows=2, columns=2), three(2, 4, D), looks=True
    ),
    "limits.tiled_gradients": lambda: Case(flash_gradients, three(2, 4, D), 32, looks=True),
    "limits.merge": lambda: Case(merged, (draw(2, 3, 4), draw(2, 4, D))),
    "limits.linear_attention": lambda: Case(limits.linear_attention, three(2, 5, D), 16),
    "limits.linear_recurrence": lambda: Case(limits.linear_recurrence, three(2, 5, D), 16),
    "limits.positive_features": lambda: Case(limits.positive_features, (draw(3, D),)),
    "limits.read_by_softmax": lambda: Case(
        limits.read_by_softmax, (draw(2, 1, D), draw(2, 5, D), draw(2, 5, D))
    ),
    "limits.read_linearly": lambda: Case(
        limits.read_linearly, (draw(2, 1, D), draw(2, 5, D), draw(2, 5, D)), 16
    ),
    "limits.read_by_features": lambda: Case(
        limits.read_by_features, (draw(2, 1, D), draw(2, 5, D), draw(2, 5, D)), 16
    ),
    "limits.read_by_products": lambda: Case(
        limits.read_by_products, (draw(2, 1, D), draw(2, 5, D), draw(2, 5, D)), 16
    ),
    "limits.add_positions": lambda: Case(limits.add_positions, three(2, 4, D)[:2]),
    "limits.forget_positions": lambda: Case(limits.forget_positions, three(2, 4, D)[:2]),
    "limits.softmax_over_queries": lambda: Case(
        limits.softmax_over_queries, (draw(2, 4, 4), past(4))
    ),
    "limits.honest_mask": lambda: Case(lambda pad: limits.honest_mask(4, pad), (ids(2, below=3),)),
    "limits.leaky_mask": lambda: Case(lambda pad: limits.leaky_mask(4, pad), (ids(2, below=3),)),
    "limits.mask_without_padding": lambda: Case(
        lambda pad: limits.mask_without_padding(4, pad), (ids(2, below=3),)
    ),
    "limits.next_tokens": lambda: Case(limits.next_tokens, (ids(2, 4), ids(2, below=3))),
    "limits.calibration_error": lambda: Case(
        limits.calibration_error,
        (torch.tensor([0.25, 0.5, 0.96875]).double(), torch.tensor([False, True, True])),
        looks=True,
    ),
    "limits.reach": lambda: Case(changed(limits.reach, layers=2), (past(4),)),
    # interpretation, models
    "interpretation.logit_margins": lambda: Case(
        interpretation.logit_margins, (draw(2, 7), ids(2), ids(2))
    ),
    "interpretation.leaning": lambda: Case(interpretation.leaning, three(3, D), 16),
    "models.link_mass": lambda: Case(
        changed(models.link_mass, links=[(1, 0)]), (chances(2, 2, 3, 3),)
    ),
    "models.link_hits": lambda: Case(
        changed(models.link_hits, links=[(1, 0)]), (chances(2, 2, 3, 3),)
    ),
    # recurrence
    "recurrence.dot_scores": lambda: Case(recurrence.dot_scores, three(2, 4, D)[:2]),
    "recurrence.general_scores": lambda: Case(
        recurrence.general_scores, (draw(2, 4, D), draw(2, 5, 3), draw(D, 3)), 16
    ),
    "recurrence.additive_scores": lambda: Case(
        recurrence.additive_scores,
        (draw(2, 4, D), draw(2, 5, 3), draw(D, 6), draw(3, 6), draw(6)),
        16,
    ),
    "recurrence.concat_scores": lambda: Case(
        recurrence.concat_scores, (draw(2, 4, D), draw(2, 5, 3), draw(D + 3, 6), draw(6)), 16
    ),
    "recurrence.read": lambda: Case(
        recurrence.read, (draw(2, 4, 4), draw(2, 4, D), past(4))
    ),
    "recurrence.rnn_step": lambda: Case(
        recurrence.rnn_step, (draw(2, D), draw(2, 3), draw(D, 3), draw(3, 3), draw(3)), 16
    ),
    "recurrence.gru_step": lambda: Case(
        recurrence.gru_step,
        (draw(2, D), draw(2, 3), draw(D, 9), draw(3, 9), draw(9), draw(9)),
        32,
    ),
    "recurrence.lstm_step": lambda: Case(
        recurrence.lstm_step,
        (draw(2, D), draw(2, 3), draw(2, 3), draw(D, 12), draw(3, 12), draw(12)),
        32,
    ),
    "recurrence.scan": lambda: Case(recurrence.scan, (chances(5, 3), draw(5, 3)), 16),
    "recurrence.step_by_step": lambda: Case(
        recurrence.step_by_step, (chances(5, 3), draw(5, 3)), 16
    ),
    "recurrence.favor_center": lambda: Case(
        changed(recurrence.favor_center, radius=2), (chances(2, 4, 5), draw(2, 4) + 2)
    ),
    "recurrence.window": lambda: Case(
        lambda centers: recurrence.window(centers, 9, 2), (torch.tensor([[1.0, 4.0]]).double(),)
    ),
    "recurrence.predicted_centers": lambda: Case(
        recurrence.predicted_centers,
        (draw(2, 4, D), torch.tensor([3.0, 5.0]).double(), draw(D, 3), draw(3)),
        32,
    ),
    "recurrence.strongest": lambda: Case(recurrence.strongest, (chances(2, 4, 5),)),
    "recurrence.linear_gradients": lambda: Case(
        changed(recurrence.linear_gradients, steps=3), (draw(4, 4, scale=0.3),), 32
    ),
    "recurrence.spectral_radius": lambda: Case(
        recurrence.spectral_radius, (torch.diag(torch.tensor([0.5, 2.0])).double(),), looks=True
    ),
    "recurrence.RNNCell": lambda: Case(recurrence.RNNCell(D, 3), (draw(2, D), (draw(2, 3),)), 16),
    "recurrence.GRUCell": lambda: Case(recurrence.GRUCell(D, 3), (draw(2, D), (draw(2, 3),)), 32),
    "recurrence.LSTMCell": lambda: Case(
        recurrence.LSTMCell(D, 3), (draw(2, D), (draw(2, 3), draw(2, 3))), 32
    ),
    "recurrence.DotScore": lambda: Case(recurrence.DotScore(D), three(2, 4, D)[:2]),
    "recurrence.GeneralScore": lambda: Case(recurrence.GeneralScore(D), three(2, 4, D)[:2], 16),
    "recurrence.ConcatScore": lambda: Case(recurrence.ConcatScore(D), three(2, 4, D)[:2], 16),
    "recurrence.GlobalReader": lambda: Case(
        Looks(recurrence.GlobalReader(recurrence.DotScore(D))), three(2, 4, D)[:2], 64
    ),
    "recurrence.MonotonicReader": lambda: Case(
        Looks(recurrence.MonotonicReader(recurrence.DotScore(D), 2)), three(2, 4, D)[:2], 64
    ),
    "recurrence.PredictiveReader": lambda: Case(
        Looks(local_reader()), (draw(2, 4, D), draw(2, 5, D)), 64
    ),
    "recurrence.Decoder": lambda: Case(
        Looks(recurrence.Decoder(7, D)), (ids(2, 3), draw(2, 5, D)), 64, looks=True
    ),
    "recurrence.BahdanauDecoder": lambda: Case(
        Looks(recurrence.BahdanauDecoder(7, D)), (ids(2, 3), draw(2, 5, D)), 64, looks=True
    ),
    "recurrence.LuongDecoder": lambda: Case(
        Looks(recurrence.LuongDecoder(7, D, recurrence.GlobalReader(recurrence.DotScore(D)))),
        (ids(2, 3), draw(2, 5, D)),
        64,
        looks=True,
    ),
    "recurrence.EncoderDecoder": lambda: Case(
        recurrence.EncoderDecoder(recurrence.Encoder(7, D), recurrence.Decoder(7, D)),
        (ids(2, 4, below=6) + 1, ids(2, 3)),
        64,
        looks=True,
    ),
    "recurrence.MemoryOnlyEncoder": lambda: Case(
        recurrence.EncoderDecoder(
            recurrence.MemoryOnlyEncoder(7, D), recurrence.Decoder(7, D, torch.nn.LSTM)
        ),
        (ids(2, 4, below=6) + 1, ids(2, 3)),
        64,
        looks=True,
    ),
    "recurrence.Reader": lambda: Case(
        recurrence.Reader(7, recurrence.RNNCell(D, 3), answers=2), (ids(2, 4),), 64
    ),
    "limits.Recaller": lambda: Case(Recalls(), (ids(2, 4), ids(2, 4)), 64),
    "limits.Patient": lambda: Case(
        limits.Patient(limits.Parts()), (ids(2, 4), ids(2, below=3)), 64
    ),
    "limits.read_block": lambda: Case(
        limits.read_block, (draw(2, 3, 4), draw(2, 4, D), past(4)[1:])
    ),
    "limits.share_right": lambda: Case(
        limits.share_right, (draw(2, 16, 7), ids(2, 16), ids(2, below=3)), looks=True
    ),
    "limits.reliability": lambda: Case(
        limits.reliability,
        (torch.tensor([0.25, 0.5, 0.96875]).double(), torch.tensor([False, True, True])),
        looks=True,
    ),
    "positions.Alibi": lambda: Case(positions.Alibi(2), (3, 300)),
    "positions.RelativeBias": lambda: Case(
        positions.RelativeBias(2, buckets=8, max_distance=16, causal=False), (3, 9)
    ),
    "families.places_of": lambda: Case(families.places_of, (draw(3, 1, 16, 16).abs(),)),
    "families.to_pictures": lambda: Case(
        lambda numbers, codebook: families.to_pictures(numbers, codebook=codebook),
        (ids(2, 16) + 8, draw(7, 16)),
    ),
    "families.to_sequences": lambda: Case(
        lambda pictures, kinds, places, codebook: families.to_sequences(
            pictures, kinds, places, codebook=codebook
        ),
        (draw(2, 1, 16, 16), ids(2, below=3), ids(2, below=3), draw(7, 16)),
    ),
    # training
    "training.adamw_step": lambda: Case(trained, (draw(5), draw(5)), 16),
    "training.mean_of_visible": lambda: Case(
        training.mean_of_visible, (draw(2, 4, D), past(4)[2:]), 16
    ),
    "training.Bag": lambda: Case(drawn_bag(), (ids(2, 5),), 16),
    "training.split_feed_forward": lambda: Case(
        changed(training.split_feed_forward, activation=torch.relu, devices=2),
        (draw(2, 4, D), draw(8, D), draw(D, 8)),
        16,
    ),
    "training.no_moments": lambda: Case(lambda x: training.no_moments(x).mean, (draw(5),)),
}  # fmt: skip


def encoder_block():
    return blocks.EncoderBlock(
        blocks.Attention(D, 2),
        blocks.FeedForward(D, 9, blocks.gelu_tanh),
        norm=lambda: blocks.LayerNorm(D),
        residual=blocks.pre_norm,
    )


def decoder_block():
    return blocks.DecoderBlock(
        blocks.Attention(D, 2),
        blocks.Attention(D, 2),
        blocks.FeedForward(D, 9, blocks.relu),
        norm=lambda: blocks.RMSNorm(D),
        residual=blocks.post_norm,
    )


class InSteps(nn.Module):
    """A small GPT-2 that reads three tokens, and then one more from a cache."""

    def __init__(self):
        super().__init__()
        self.model = families.small_decoder(7, positions=5, d_model=D, heads=2, layers=1)

    def forward(self, ids):
        caches = [generation.KeyValueCache(4) for _ in self.model.layers]
        return torch.cat([self.model(part, caches=caches) for part in ids.split([3, 1], 1)], 1)


class AfterPadding(nn.Module):
    """A small GPT-2 after one padded token in the second text."""

    def __init__(self):
        super().__init__()
        self.model = families.small_decoder(7, positions=5, d_model=D, heads=2, layers=1)

    def forward(self, ids):
        visible = attention.padding_mask([4, 3], 4, device=ids.device).flip(-1)
        return self.model.after_padding(visible).next_logits(ids)


def moved(value, **to):
    """Bring tensors of numbers to another type, and all tensors to another device."""
    if isinstance(value, torch.Tensor):
        return value.to(
            **(to if value.is_floating_point() else {k: to[k] for k in to if k != "dtype"})
        )
    if isinstance(value, nn.Module):
        return copy.deepcopy(value).to(**to)
    if isinstance(value, tuple):
        return tuple(moved(one, **to) for one in value)
    return value


def results(output) -> list[torch.Tensor]:
    """Return what a function returned as a flat list of tensors."""
    if isinstance(output, torch.Tensor):
        return [output]
    if isinstance(output, (int, float)):
        return [torch.tensor(output, dtype=torch.float64)]
    return [tensor for one in output if one is not None for tensor in results(one)]


def compile_all() -> list[str]:
    """Compile all cases that do not look at numbers, whole; return the names that ran the same."""
    torch.manual_seed(0)
    cases = {name: make() for name, make in CASES.items()}
    cases = {name: case for name, case in cases.items() if not case.looks}
    functions = [moved(case.function, dtype=torch.float64) for case in cases.values()]
    inputs = [case.inputs for case in cases.values()]

    def all_of_them(inputs):
        return [function(*own) for function, own in zip(functions, inputs, strict=True)]

    compiled = torch.compile(all_of_them, fullgraph=True, backend="eager")
    for found, expected in zip(compiled(inputs), all_of_them(inputs), strict=True):
        for result, one in zip(results(found), results(expected), strict=True):
            torch.testing.assert_close(result, one, atol=1e-12, rtol=1e-12)
    return list(cases)
