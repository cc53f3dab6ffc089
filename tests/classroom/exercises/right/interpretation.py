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


@right("interpretation.10")
def key_by_key(stream, own, other, w_output, w_query, w_key):
    tokens, d_head = own.shape
    scores = torch.zeros(tokens, tokens)
    for key in range(tokens):
        heard = stream[key] - own[key] @ w_output + other[key] @ w_output
        for query in range(tokens):
            product = torch.dot(stream[query] @ w_query, heard @ w_key)
            scores[query, key] = product / math.sqrt(d_head)
    return scores


@right("interpretation.11")
def by_autograd(clean, corrupted, readout, steps):
    guessed = []
    for head in range(len(clean)):
        slopes = []
        for far in (torch.arange(steps) + 0.5) / steps:
            walking = torch.lerp(corrupted[head], clean[head], far).requires_grad_()
            rows = [walking if at == head else row for at, row in enumerate(corrupted)]
            margin = torch.tanh((torch.stack(rows) @ readout).sum())
            slopes.append(torch.autograd.grad(margin, walking)[0])
        guessed.append(torch.stack(slopes).mean(dim=0) @ (clean[head] - corrupted[head]))
    return torch.stack(guessed)


@right("interpretation.12")
def from_the_largest_down(chances, level):
    ranked = sorted(chances.tolist())
    for rank in range(len(ranked), 0, -1):
        if ranked[rank - 1] <= level * rank / len(ranked):
            return chances <= ranked[rank - 1]
    return torch.zeros(len(chances), dtype=torch.bool)
