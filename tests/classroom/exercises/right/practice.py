"""Right answers in other words: with loops, with dictionaries, by other functions of torch."""

import torch

from support.answers import right


@right("practice.1")
def row_by_row(logits, names):
    found = []
    for row in logits:
        shares = torch.exp(row - torch.logsumexp(row, dim=0))
        place = int(shares.argmax())
        found.append((names[place], float(shares[place])))
    return found


@right("practice.2")
def taking_the_shortest(lengths, size):
    left, batches = list(enumerate(lengths)), []
    while left:
        batch = []
        while left and len(batch) < size:
            place, length = min(left, key=lambda one: (one[1], one[0]))
            left.remove((place, length))
            batch.append(place)
        batches.append(batch)
    return batches


@right("practice.2")
def by_stable_sort(lengths, size):
    order = torch.tensor(lengths).argsort(stable=True)
    return [part.tolist() for part in order.split(size)] if lengths else []


@right("practice.3")
def where_the_word_changes(labels, words):
    before, found = None, []
    for label, word in zip(labels, words, strict=True):
        if word is not None and word != before:
            found.append(label)
        before = word
    return found


@right("practice.4")
def byte_by_byte(packed, scale):
    weights = [0.0] * 32
    for place, byte in enumerate(packed.tolist()):
        weights[place] = (byte % 16 - 8) * scale
        weights[place + 16] = (byte // 16 - 8) * scale
    return torch.tensor(weights)


@right("practice.4")
def filled_in_place(packed, scale):
    weights = torch.zeros(32)
    weights[:16] = (packed.to(torch.int64) % 16 - 8) * scale
    weights[16:] = (packed.to(torch.int64).div(16, rounding_mode="floor") - 8) * scale
    return weights


@right("practice.5")
def piece_by_piece(pieces):
    events, held = [], ""
    for piece in pieces:
        *whole, held = (held + piece).split("\n\n")
        for one in whole:
            lines = [line for line in one.split("\n") if line[:5] == "data:"]
            texts = [line[6:] if line[5:6] == " " else line[5:] for line in lines]
            events += ["\n".join(texts)] if lines else []
    return events


@right("practice.6")
def counting_down(shares, told, base, cap, patience):
    waits, whole = [], base
    for share, asked in zip(shares, told, strict=True):
        wait = max(share * min(cap, whole), -1.0 if asked is None else asked)
        whole *= 2
        if torch.tensor([*waits, wait], dtype=torch.float64).sum() > patience:
            return waits
        waits.append(wait)
    return waits


@right("practice.7")
def one_after_the_other(offers, read, written, least_right):
    best, least = None, float("inf")
    for name, read_price, written_price, right_share, context in offers:
        if right_share < least_right or context < read + written:
            continue
        cost = (read * read_price + written * written_price) / 1_000_000
        if cost < least:
            best, least = name, cost
    return best
