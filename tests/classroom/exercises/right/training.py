"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch
from torch import nn

from support.answers import right


@right("training.1")
def by_cases(step, steps, peak, *, warm_up, cool_down, floor=0.0):
    rate = peak
    if step < warm_up:
        rate = peak * (step + 1) / warm_up
    left = steps - 1 - step
    if left < cool_down:
        rate = min(rate, floor + (peak - floor) * left / cool_down)
    return rate


@right("training.2")
def place_by_place(logits, ids, *, padding, smoothing):
    losses, vocab = [], logits.shape[-1]
    for row, text in zip(logits, ids, strict=True):
        for place, token in enumerate(text[1:].tolist()):
            if token != padding:
                wanted = torch.full((vocab,), smoothing / (vocab - 2))
                wanted[padding], wanted[token] = 0, 1 - smoothing
                losses.append(-(wanted * torch.log_softmax(row[place], dim=0)).sum())
    return sum(losses) / len(losses)


@right("training.2")
def by_cross_entropy(logits, ids, *, padding, smoothing):
    logits, right = logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()
    kept = right != padding
    wanted = nn.functional.one_hot(right, logits.shape[1]).float() * (1 - smoothing)
    wanted[wanted == 0] = smoothing / (logits.shape[1] - 2) if smoothing < 1 else 1.0
    wanted[:, padding] = 0
    return nn.functional.cross_entropy(logits[kept], wanted[kept])


@right("training.2")
def shifted_in_place(logits, ids, *, padding, smoothing):
    logits -= logits.amax(dim=-1, keepdim=True).detach()
    return by_cross_entropy(logits, ids, padding=padding, smoothing=smoothing)


@right("training.3")
def added_in_place(gradients, tokens, *, limit):
    total = [torch.zeros(one.shape) for one in gradients[0]]
    for part, count in zip(gradients, tokens, strict=True):
        for sum_, one in zip(total, part, strict=True):
            sum_ += one * (count / sum(tokens))
    length = sum((one**2).sum() for one in total) ** 0.5
    if length > limit:
        total = [one * limit / length for one in total]
    return total


@right("training.4")
def from_the_sorted_lengths(lengths, *, budget):
    waiting, batches = sorted((length, place) for place, length in enumerate(lengths)), []
    while waiting:
        batch = []
        while waiting and waiting[0][0] * (len(batch) + 1) <= budget:
            batch.append(waiting.pop(0)[1])
        if not batch:
            raise ValueError("too long")
        batches.append(batch)
    return batches


@right("training.5")
def class_by_class(matrix):
    scores = []
    for one in range(len(matrix)):
        if not matrix[one].sum():
            raise ValueError(f"class {one} has no text")
        hits = matrix[one, one].item()
        precision = hits / max(1, matrix[:, one].sum().item())
        recall = hits / matrix[one].sum().item()
        scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return sum(scores) / len(scores)


@right("training.6")
def by_logarithms(losses, text):
    return sum(losses.tolist()) / math.log(2) / len(bytes(text, "utf-8"))


@right("training.6")
def as_a_tensor(losses, text):
    return (losses / torch.tensor(2.0).log()).sum() / len(text.encode())


@right("training.7")
def one_by_one(parameters, read, written):
    best = 0
    for place, size in enumerate(parameters):
        cost = size * (3 * read[place] + written)
        least = parameters[best] * (3 * read[best] + written)
        if cost < least or (cost == least and size < parameters[best]):
            best = place
    return best


@right("training.8")
def with_sets_of_runs(tests, training, words):
    if len(tests) == 0:
        raise ValueError("no tests")

    def cut(text):
        letters = [
            one if one in "abcdefghijklmnopqrstuvwxyz0123456789" else " " for one in text.lower()
        ]
        return "".join(letters).split()

    def runs(found, length):
        return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}

    hits = 0
    for test in map(cut, tests):
        length = min(words, len(test))
        hits += bool(test) and any(
            runs(test, length) & runs(cut(text), length) for text in training
        )
    return hits / len(tests)
