"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch
import torch.nn.functional as F

from support.answers import right


@right("limits.1")
def layer_by_layer(tokens, width):
    reached, layers = 1, 0
    while reached < tokens:
        if width == 1:
            return None
        reached += width - 1
        layers += 1
    return layers


@right("limits.2")
def layer_after_layer(tokens, windows, *, d_model, heads, kv_heads, bytes_per_number=2):
    total = 0
    for width in windows:
        kept = tokens if width is None or width > tokens else width
        total += kept * kv_heads * (d_model / heads) * 2 * bytes_per_number
    return total


@right("limits.3")
def pair_by_pair(tokens, width, shared):
    mask = torch.zeros(tokens, tokens, dtype=torch.bool)
    for query in range(tokens):
        for key in range(tokens):
            mask[query, key] = abs(query - key) <= width or query in shared or key in shared
    return mask


@right("limits.3")
def opened_in_place(tokens, width, shared):
    mask = torch.ones(tokens, tokens, dtype=torch.bool).tril(width).triu(-width)
    mask[shared], mask[:, shared] = True, True
    return mask


@right("limits.4")
def with_lists(confidence, right, bins):
    pairs = sorted(zip(confidence.tolist(), right.tolist(), strict=True))
    error, begin = 0.0, 0
    for group in range(bins):
        size = len(pairs) // bins + (group < len(pairs) % bins)
        part = pairs[begin : begin + size]
        begin += size
        if part:
            gap = sum(sure for sure, _ in part) / size - sum(hit for _, hit in part) / size
            error += abs(gap) * size / len(pairs)
    return error


@right("limits.5")
def query_by_query(one, one_log, other, other_log):
    mixed, logs = torch.zeros(one.shape), torch.full(one_log.shape, -math.inf)
    for place in range(len(one)):
        pair = torch.stack([one_log[place], other_log[place]])
        if pair.max() > -math.inf:
            shares = pair.softmax(dim=0)
            mixed[place] = shares[0] * one[place] + shares[1] * other[place]
            logs[place] = pair.logsumexp(dim=0)
    return mixed, logs


@right("limits.6")
def from_the_whole_mask(queries, keys, rows, columns):
    mask = torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries)
    kinds = {"cut": 0, "skipped": 0, "whole": 0}
    for row in range(0, queries, rows):
        for column in range(0, keys, columns):
            tile = mask[row : row + rows, column : column + columns]
            kinds["whole" if tile.all() else "cut" if tile.any() else "skipped"] += 1
    return kinds


@right("limits.7")
def one_batch_of_all(parts):
    logits = torch.cat([one for one, _ in parts])
    labels = torch.cat([one for _, one in parts])
    return F.cross_entropy(logits, labels)


@right("limits.7")
def parts_without_labels_left_out(parts):
    total, counted = torch.tensor(0.0), 0
    for logits, labels in parts:
        kept = labels != -100
        if kept.any():
            total = total + kept.sum() * F.cross_entropy(logits[kept], labels[kept])
            counted += int(kept.sum())
    return total / counted


@right("limits.7")
def shifted_in_place(parts):
    for logits, _ in parts:
        logits -= logits.amax(dim=-1, keepdim=True).detach()
    return one_batch_of_all(parts)


@right("limits.8")
def text_by_text(*, batch, new, cached, d_model, kv_share=1.0, bytes_per_number=2):
    weights = 12 * d_model**2
    operations, numbers = 0, weights
    for _ in range(batch):
        operations += new * 2 * weights
        operations += new * (cached + new) * d_model * 4
        numbers += (cached + new) * d_model * 2 * kv_share
    return operations / numbers / bytes_per_number


@right("limits.9")
def row_by_row(query, key, value, visible, count):
    weights = torch.zeros(len(query), len(key))
    for place in range(len(query)):
        seen = visible[place].nonzero()[:, 0]
        scores = key[seen] @ query[place] / math.sqrt(key.shape[1])
        best = scores.argsort(descending=True)[:count]
        weights[place, seen[best]] = torch.softmax(scores[best], dim=-1)
    return weights @ value, weights
