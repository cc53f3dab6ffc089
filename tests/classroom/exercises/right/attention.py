"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import torch

from support.answers import right


@right("attention.1")
def pair_by_pair(texts):
    mask = torch.zeros(len(texts), len(texts), dtype=torch.bool)
    for query in range(len(texts)):
        for key in range(query + 1):
            mask[query, key] = texts[query] == texts[key]
    return mask


@right("attention.2")
def counted_with_loops(weights):
    heads, tokens, _ = weights.shape
    distances = torch.zeros(heads)
    for head in range(heads):
        for query in range(tokens):
            for key in range(tokens):
                distances[head] += weights[head, query, key] * abs(query - key) / tokens
    return distances


@right("attention.2")
def by_einsum(weights):
    places = torch.arange(weights.shape[-1])
    distance = (places - places[:, None]).abs().float()
    return torch.einsum("hqk,qk->h", weights, distance) / len(places)


@right("attention.3")
def row_by_row(query, key, value, *, count):
    weights = torch.zeros(len(query), len(key))
    for place, one in enumerate(query):
        scores = key @ one / key.shape[-1] ** 0.5
        best = scores.argsort(descending=True)[:count]
        weights[place, best] = scores[best].softmax(dim=0)
    return weights @ value, weights


@right("attention.4")
def with_the_largest_taken_out(query, key, value):
    scores = query @ key.T / query.shape[-1] ** 0.5
    largest = scores.max(dim=-1, keepdim=True).values.clamp(min=0)
    powers = (scores - largest).exp()
    weights = powers / ((-largest).exp() + powers.sum(dim=-1, keepdim=True))
    return weights @ value, weights


@right("attention.4")
def one_more_key(query, key, value):
    key = torch.cat([key, torch.zeros(1, key.shape[1])])
    value = torch.cat([value, torch.zeros(1, value.shape[1])])
    weights = torch.softmax(query @ key.T / query.shape[1] ** 0.5, dim=1)
    return weights @ value, weights[:, :-1]


@right("attention.5")
def by_a_pooling_matrix(weight, *, heads, kv_heads):
    d_head, group = len(weight) // heads, heads // kv_heads
    pool = torch.zeros(kv_heads * d_head, heads * d_head)
    for head in range(heads):
        for row in range(d_head):
            pool[head // group * d_head + row, head * d_head + row] = 1 / group
    return pool @ weight


@right("attention.5")
def chunk_by_chunk(weight, *, heads, kv_heads):
    parts = [torch.stack(group.chunk(heads // kv_heads)) for group in weight.chunk(kv_heads)]
    return torch.cat([part.mean(0) for part in parts])


@right("attention.6")
def by_the_jacobian(weights, weights_gradient):
    jacobian = torch.diag_embed(weights) - weights[..., :, None] * weights[..., None, :]
    return (jacobian @ weights_gradient[..., None])[..., 0]
