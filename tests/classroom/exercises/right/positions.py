"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch

from lessons import positions
from support.answers import right


@right("positions.1")
def counted_row_by_row(real):
    found = torch.zeros(real.shape, dtype=torch.int32)
    for row in range(real.shape[0]):
        places = real[row].nonzero()[:, 0]
        found[row, places] = torch.arange(len(places), dtype=torch.int32)
    return found


@right("positions.2")
def added_up(slope, share):
    total, count, q = 0.0, 0, math.exp(-slope)
    while total < share:
        total += q**count * (1 - q)
        count += 1
    return count


@right("positions.3")
def pair_by_pair(offset, d_model):
    matrix = torch.zeros(d_model, d_model, dtype=torch.float64)
    for pair in range(0, d_model, 2):
        angle = offset * 10000 ** (-pair / d_model)
        matrix[pair, pair] = matrix[pair + 1, pair + 1] = math.cos(angle)
        matrix[pair, pair + 1], matrix[pair + 1, pair] = math.sin(angle), -math.sin(angle)
    return matrix


@right("positions.4")
def entry_by_entry(table, queries, keys):
    reach = (len(table) - 1) // 2
    bias = torch.zeros(table.shape[1], queries, keys)
    for query in range(queries):
        for key in range(keys):
            offset = key - (keys - queries + query)
            bias[:, query, key] = table[max(-reach, min(reach, offset)) + reach]
    return bias


@right("positions.5")
def turned_by_hand(query, key, cache):
    d_head, past = query.shape[-1], cache.shape[-2]
    angles = past * 10000 ** (-torch.arange(0, d_head, 2) / d_head)

    def turn(one):
        x, y = one[..., 0::2], one[..., 1::2]
        turned = torch.zeros(one.shape)
        turned[..., 0::2] = x * angles.cos() - y * angles.sin()
        turned[..., 1::2] = x * angles.sin() + y * angles.cos()
        return turned

    keys = torch.cat([cache, turn(key)], dim=-2)
    return torch.softmax(turn(query) @ keys.transpose(-1, -2) / math.sqrt(d_head), dim=-1), keys


@right("positions.6")
def changed_in_place(vectors, turned, *, start=0):
    if turned:
        vectors[..., :turned] = positions.Rotary()(vectors[..., :turned], start=start)
    return vectors


@right("positions.6")
def as_complex_numbers(vectors, turned, *, start=0):
    tokens = torch.arange(start, start + vectors.shape[-2])
    angles = tokens[:, None] * 10000 ** (-torch.arange(0, turned, 2) / max(turned, 1))
    pairs = torch.view_as_complex(vectors[..., :turned].unflatten(-1, (-1, 2)).contiguous())
    pairs = pairs * torch.polar(torch.ones(angles.shape), angles)
    part = torch.view_as_real(pairs).flatten(-2)
    return torch.cat([part, vectors[..., turned:]], dim=-1)


@right("positions.7")
def pair_after_pair(old, new, *, trained, longest):
    answers = []
    for before, after in zip(old.tolist(), new.tolist(), strict=True):
        seen = before * trained
        answers.append(seen < 2 * math.pi and after * longest > seen)
    return torch.tensor(answers)
