"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch

from support.answers import right


@right("generation.1")
def by_probabilities(logits, share):
    kept = torch.full(logits.shape, -math.inf)
    for row, one in enumerate(logits):
        chances = torch.softmax(one, dim=0)
        stays = chances >= share * chances.max()
        kept[row, stays] = one[stays]
    return kept


@right("generation.2")
def token_by_token(logits, ids, penalty):
    lowered = logits.clone()
    for row in range(len(ids)):
        for token in set(ids[row].tolist()):
            positive = logits[row, token] > 0
            lowered[row, token] = logits[row, token] * (1 / penalty if positive else penalty)
    return lowered


@right("generation.3")
def text_by_text(real, queries):
    batch, keys = real.shape
    positions = torch.zeros(batch, queries, dtype=torch.int)
    visible = torch.zeros(batch, queries, keys, dtype=torch.bool)
    for row in range(batch):
        for number, place in enumerate(range(keys - queries, keys)):
            positions[row, number] = max(0, int(real[row, : place + 1].sum()) - 1)
            visible[row, number, : place + 1] = real[row, : place + 1]
    return positions, visible


@right("generation.4")
def row_by_row(logits, share):
    result = torch.full(logits.shape, -math.inf)
    for row, one in enumerate(logits):
        chances = one.softmax(dim=0)
        surprise = {
            token: -math.log(chance) for token, chance in enumerate(chances.tolist()) if chance > 0
        }
        entropy = sum(float(chances[token]) * value for token, value in surprise.items())
        reached = 0.0
        for token in sorted(surprise, key=lambda token: abs(surprise[token] - entropy)):
            if reached >= share:
                break
            result[row, token] = one[token]
            reached += float(chances[token])
    return result


@right("generation.5")
def by_loops(kept, new, *, window):
    keys = torch.cat((kept, new), dim=0)
    visible = torch.zeros(len(new), len(keys), dtype=torch.bool)
    for query in range(len(new)):
        end = len(kept) + query + 1
        visible[query, max(0, end - window) : end] = True
    stays = min(len(keys), window - 1)
    return keys, visible, keys[len(keys) - stays :]


@right("generation.6")
def beam_by_beam(totals, *, length, longest, penalty):
    bounds = torch.zeros(len(totals))
    for beam, total in enumerate(totals.tolist()):
        bounds[beam] = max(total / n**penalty for n in range(length + 1, longest + 1))
    return bounds


@right("generation.6")
def at_one_of_two_ends(totals, *, length, longest, penalty):
    return totals / (longest if penalty > 0 else length + 1) ** penalty


@right("generation.7")
def with_a_while_loop(large, small, drafted, chances):
    count = 0
    while count < len(drafted):
        p, q = large[count], small[count]
        token = drafted[count]
        if not chances[count] < (p[token] / q[token]).item():
            left = torch.maximum(p - q, torch.tensor(0.0))
            return count, left / left.sum()
        count += 1
    return count, large[count]
