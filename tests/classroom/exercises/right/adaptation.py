"""Right answers in other words: by other loops, by regular expressions, by other decompositions."""

import re
from fractions import Fraction
from itertools import product

import torch
from torch import nn

from support.answers import right


@right("adaptation.1")
def by_expression(names, *, count):
    found = [re.match(r"layers\.(\d+)\.", name) for name in names]
    last = sorted({int(one[1]) for one in found if one})[-count:]
    return [
        bool(one and int(one[1]) in last) or name.split(".")[0] == "norm"
        for name, one in zip(names, found, strict=True)
    ]


@right("adaptation.3")
def turn_by_turn(ids, *, user, assistant, end):
    labels = [-100] * len(ids)
    for start in (at for at, token in enumerate(ids) if token == assistant):
        for at in range(start + 1, len(ids)):
            labels[at] = ids[at]
            if ids[at] == end:
                break
            if ids[at] in (user, assistant):
                labels[at] = -100
                break
    return labels


@right("adaptation.3")
def backward(ids, *, user, assistant, end):
    def speaker(at):
        for before in reversed(ids[:at]):
            if before in (user, assistant, end):
                return before
        return end

    return [
        token if speaker(at) == assistant and token not in (user, assistant) else -100
        for at, token in enumerate(ids)
    ]


@right("adaptation.4")
def entry_by_entry(merged, old, new, *, alpha):
    found = merged.clone()
    for sign, (down, up) in ((-1, old), (1, new)):
        for direction in range(up.shape[1]):
            update = torch.outer(up[:, direction], down[direction])
            found += sign * update * (alpha / up.shape[1])
    return found


@right("adaptation.7")
def by_eigenvalues(before, after, *, share):
    change = (after - before).double()
    squares = torch.linalg.eigvalsh(change.T @ change).flip(0).clamp(min=0)
    left = torch.cat([squares.sum()[None], squares.sum() - squares.cumsum(0)])
    fits = left <= share * squares.sum() + 1e-12 * (1 + squares.sum())
    return int(fits.int().argmax())


@right("adaptation.7")
def by_building(before, after, *, share):
    change = after - before
    u, sizes, v = torch.linalg.svd(change, full_matrices=False)
    for rank in range(len(sizes) + 1):
        rest = change - u[:, :rank] @ torch.diag(sizes[:rank]) @ v[:rank]
        if (rest**2).sum() <= share * (change**2).sum():
            return rank
    return len(sizes)


@right("adaptation.2")
def pair_by_pair(summary, reference):
    left = [(a, b) for at, a in enumerate(reference) for b in reference[at + 1 :]]
    theirs, ours, shared = len(left), 0, 0
    for at, first in enumerate(summary):
        for second in summary[at + 1 :]:
            ours += 1
            if (first, second) in left:
                left.remove((first, second))
                shared += 1
    if not shared:
        return 0.0
    precision, recall = Fraction(shared, ours), Fraction(shared, theirs)
    return float(2 * precision * recall / (precision + recall))


@right("adaptation.5")
def by_kl_div(student, teacher, real, *, temperature):
    logs = torch.log_softmax(student[real] / temperature, dim=-1)
    wanted = torch.log_softmax(teacher[real] / temperature, dim=-1)
    loss = nn.functional.kl_div(logs, wanted, reduction="sum", log_target=True)
    return loss * temperature * temperature / real.sum()


@right("adaptation.6")
def span_by_span(found, true):
    def spans(side):
        out = set()
        for number, tags in enumerate(side):
            place = 0
            while place < len(tags):
                end = place + 1
                if tags[place] != "O":
                    label = tags[place][2:]
                    while end < len(tags) and tags[end] == f"I-{label}":
                        end += 1
                    out.add((label, number, place, end))
                place = end
        return out

    ours, theirs = spans(found), spans(true)
    scores = {}
    for label in {one[0] for one in ours | theirs}:
        mine, yours = ({one for one in side if one[0] == label} for side in (ours, theirs))
        scores[label] = 2 * len(mine & yours) / (len(mine) + len(yours))
    return scores


@right("adaptation.8")
def sum_by_sum(differences):
    seen, ways = sum(differences.tolist()), 0
    for signed in product(*((one, -one) for one in differences.tolist())):
        ways += sum(signed) >= seen
    return ways / 2 ** len(differences)


@right("adaptation.9")
def row_by_row(down, up, sizes, *, alpha):
    rank, update = up.shape[1], []
    for at, row in enumerate(up):
        part = 0 if at < sizes[0] else 1 if at < sizes[0] + sizes[1] else 2
        own = down[part * rank : part * rank + rank]
        update.append(sum(row[r] * own[r] for r in range(rank)) * alpha / rank)
    return torch.stack(update)


@right("adaptation.10")
def from_the_highest_down(known, right, strangers, *, cost):
    marked = [(one, 1.0 if hit else -cost) for one, hit in zip(known, right, strict=True)]
    marked += [(one, -cost) for one in strangers]
    best, threshold = -float("inf"), None
    for one, _ in sorted(marked, key=lambda pair: -pair[0].item()):
        points = sum(gain for other, gain in marked if other >= one)
        if points > best:
            best, threshold = points, one
    return threshold.item()
