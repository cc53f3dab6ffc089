"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch

from support.answers import right


@right("interpretation.1")
def counted_up(rate, z=1.96):
    n = 1
    while not z**2 / (n + z**2) < rate:
        n += 1
    return n


@right("interpretation.2")
def link_by_link(weights, links, is_word):
    heads, words = len(weights), is_word.nonzero()[:, 0].tolist()
    hits, mass = torch.zeros(heads), torch.zeros(heads)
    for head in range(heads):
        for query, key in links:
            row = weights[head, query].tolist()
            hits[head] += max(words, key=lambda place: row[place]) == key
            mass[head] += sum(row[place] for place in words)
    return hits / len(links), mass / len(links)


@right("interpretation.3")
def place_by_place(written, real):
    usual = torch.zeros(written.shape)
    for place in range(written.shape[1]):
        texts = real[:, place]
        if texts.any():
            usual[texts, place] = written[texts, place].mean(dim=0)
    return usual


@right("interpretation.4")
def with_where(clean, corrupted, readout):
    def margin(written):
        return torch.tanh((written @ readout).sum())

    shares = torch.zeros(len(clean))
    for head in range(len(clean)):
        chosen = torch.arange(len(clean))[:, None] == head
        shares[head] = margin(torch.where(chosen, clean, corrupted)) - margin(corrupted)
    return shares / (margin(clean) - margin(corrupted))


@right("interpretation.5")
def in_pytorchs_own_type(weights):
    layers, heads, tokens, _ = weights.shape
    mixed = torch.eye(tokens)
    for layer in range(layers):
        mean = sum(weights[layer, head] for head in range(heads)) / heads
        mixed = (0.5 * mean + 0.5 * torch.eye(tokens)) @ mixed
    return mixed


@right("interpretation.6")
def with_lists(hits, folds):
    rows, fresh = hits.tolist(), 0
    for number in range(folds):
        others = [row for place, row in enumerate(rows) if place % folds != number]
        counts = [sum(column) for column in zip(*others, strict=True)]
        best = counts.index(max(counts))
        fresh += sum(row[best] for row in rows[number::folds])
    return fresh / len(rows)


@right("interpretation.1")
def rounded_up_from_below(rate, z=1.96):
    needed = z**2 / rate - z**2
    return int(needed) + 1 if needed < 1e9 else math.inf
