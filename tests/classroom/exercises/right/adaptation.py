"""Right answers in other words: by other loops, by regular expressions, by other decompositions."""

import re

import torch

from support.answers import right


@right("adaptation.1")
def by_expression(names, *, count):
    found = [re.match(r"layers\.(\d+)\.", name) for name in names]
    last = sorted({int(one[1]) for one in found if one})[-count:]
    return [
        bool(one and int(one[1]) in last) or name.split(".")[0] == "norm"
        for name, one in zip(names, found, strict=True)
    ]


@right("adaptation.2")
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


@right("adaptation.2")
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


@right("adaptation.3")
def entry_by_entry(merged, old, new, *, alpha):
    found = merged.clone()
    for sign, (down, up) in ((-1, old), (1, new)):
        for direction in range(up.shape[1]):
            update = torch.outer(up[:, direction], down[direction])
            found += sign * update * (alpha / up.shape[1])
    return found


@right("adaptation.4")
def by_eigenvalues(before, after, *, share):
    change = (after - before).double()
    squares = torch.linalg.eigvalsh(change.T @ change).flip(0).clamp(min=0)
    left = torch.cat([squares.sum()[None], squares.sum() - squares.cumsum(0)])
    fits = left <= share * squares.sum() + 1e-12 * (1 + squares.sum())
    return int(fits.int().argmax())


@right("adaptation.4")
def by_building(before, after, *, share):
    change = after - before
    u, sizes, v = torch.linalg.svd(change, full_matrices=False)
    for rank in range(len(sizes) + 1):
        rest = change - u[:, :rank] @ torch.diag(sizes[:rank]) @ v[:rank]
        if (rest**2).sum() <= share * (change**2).sum():
            return rank
    return len(sizes)
