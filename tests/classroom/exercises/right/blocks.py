"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import torch
from torch import nn

from support.answers import right


@right("blocks.1")
def slice_by_slice(x, gain, bias, *, heads, epsilon=1e-5):
    result, size = torch.zeros_like(x), x.shape[-1] // heads
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        result[..., part] = nn.functional.layer_norm(x[..., part], (size,), eps=epsilon)
    return result * gain + bias


@right("blocks.1")
def by_the_mean_of_squares(x, gain, bias, *, heads, epsilon=1e-5):
    slices = x.reshape(*x.shape[:-1], heads, -1)
    centered = slices - slices.mean(-1, keepdim=True)
    variance = (centered**2).mean(-1, keepdim=True)
    return (centered / torch.sqrt(variance + epsilon)).reshape(x.shape) * gain + bias


@right("blocks.2")
def in_place(stream, weights, to_value, to_hidden, to_output):
    mean = stream.mean(-1, keepdim=True)
    deviation = stream.var(-1, correction=0, keepdim=True).add(1e-5).sqrt()
    normed = (stream - mean) / deviation
    stream += weights @ normed @ to_value
    stream += torch.clamp(normed @ to_hidden, min=0) @ to_output
    return stream


@right("blocks.3")
def part_by_part(*, vocab, d_model, layers, heads, kv_heads, d_head, d_ff, tied):
    total = vocab * d_model + d_model
    for _ in range(layers):
        total += d_model * heads * d_head * 2
        total += d_model * kv_heads * d_head * 2
        total += d_model * d_ff * 3
        total += d_model * 2
    return total if tied else total + d_model * vocab


@right("blocks.4")
def by_matrices(writer, gain, shift, weight, bias):
    d_model = len(writer)
    centering = torch.eye(d_model) - torch.full((d_model, d_model), 1 / d_model)
    return centering @ writer, weight @ torch.diag(gain), (shift[None] @ weight.T)[0] + bias
