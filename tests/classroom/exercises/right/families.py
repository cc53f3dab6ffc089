"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch
from torch import nn

from support.answers import right

SIGNS = ("[CLS]", "[SEP]", "[PAD]")


@right("families.1")
def token_by_token(ids, *, sep, padding):
    segments = torch.zeros_like(ids)
    for row, text in enumerate(ids.tolist()):
        number = 0
        for place, token in enumerate(text):
            segments[row, place] = 0 if token == padding else number
            number += token == sep
    return segments


@right("families.2")
def in_place(ids, chosen, guesses):
    shown = ids.clone()
    shown[chosen] = guesses[chosen]
    return shown, chosen & (guesses != ids)


@right("families.3")
def word_by_word(tokens, asked, fate, drawn):
    words = []
    for place, token in enumerate(tokens):
        if token.startswith("##"):
            words[-1].append(place)
        else:
            words.append([place])
    shown, labels = list(tokens), [None] * len(tokens)
    for word in words:
        first = word[0]
        if tokens[first] in SIGNS or not asked[first] < 0.15:
            continue
        for place in word:
            labels[place] = tokens[place]
            if fate[first] < 0.8:
                shown[place] = "[MASK]"
            elif fate[first] < 0.9:
                shown[place] = drawn[place]
    return shown, labels


@right("families.4")
def shifted_at_the_end(tokens, begin, end):
    text = ["<PRE>", *tokens[:begin], "<SUF>", *tokens[end:], "<MID>"]
    begins = len(text)
    text += [*tokens[begin:end], "<END>"]
    labels = [token if place >= begins else None for place, token in enumerate(text)]
    return text[:-1], labels[1:]


@right("families.5")
def by_a_table(relevance, similarity, words, *, budget, penalty):
    said, taken, left = [None] * len(words), [], budget
    while True:
        best = None
        for place in range(len(words)):
            if place in taken or words[place] > left:
                continue
            worth = relevance[place] - penalty * (0 if said[place] is None else said[place])
            if best is None or worth > best[0]:
                best = worth, place
        if best is None:
            return sorted(taken)
        taken.append(best[1])
        left -= words[best[1]]
        for place in range(len(words)):
            one = float(similarity[best[1], place])
            said[place] = one if said[place] is None else max(said[place], one)


@right("families.6")
def patch_by_patch(patches, size, *, stride, height, width):
    batch, count, numbers = patches.shape
    channels, columns = numbers // size**2, (width - size) // stride + 1
    total, times = torch.zeros(batch, channels, height, width), torch.zeros(height, width)
    for number in range(count):
        row, column = number // columns * stride, number % columns * stride
        area = slice(row, row + size), slice(column, column + size)
        total[:, :, *area] += patches[:, number].reshape(batch, channels, size, size)
        times[area] += 1
    return torch.where(times > 0, total / times, 0)


@right("families.7")
def two_cross_entropies(logits, ids, *, words, caption):
    said = nn.functional.cross_entropy(
        logits[:, : caption - 1, :words].flatten(0, 1), ids[:, 1:caption].flatten()
    )
    drawn = nn.functional.cross_entropy(
        logits[:, caption - 1 : -1, words:].flatten(0, 1), ids[:, caption:].flatten() - words
    )
    return said / 8 + drawn * 7 / 8


@right("families.7")
def masks_in_place(logits, ids, *, words, caption):
    logits = logits[:, :-1]
    logits[:, : caption - 1, words:] = -math.inf
    logits[:, caption - 1 :, :words] = -math.inf
    losses = nn.functional.cross_entropy(logits.mT, ids[:, 1:], reduction="none")
    return losses[:, : caption - 1].mean() / 8 + losses[:, caption - 1 :].mean() * 7 / 8


@right("families.10")
def by_halves(layers, memory):
    def size(tokens):
        return 2 * sum(n * (min(tokens, window) if window else tokens) for n, window in layers)

    if all(window for _, window in layers) and size(max(w for _, w in layers)) <= memory:
        return None
    fits, too_long = 0, memory + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if size(middle) <= memory:
            fits = middle
        else:
            too_long = middle
    return fits


@right("families.11")
def pair_by_pair(query, key, value, keep):
    read = torch.zeros(len(keep), value.shape[1])
    for t in range(len(keep)):
        for j in range(t + 1):
            read[t] += (query[t] @ key[j]) * keep[j + 1 : t + 1].prod() * value[j]
    return read
