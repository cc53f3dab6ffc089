"""Right answers in other words: with loops, row by row, by other functions of torch."""

import math

import torch
from torch.nn import functional

from support.answers import right


@right("alignment.1")
def text_by_text(logits, ids, *, prompt, end):
    found = []
    for row, text in zip(logits, ids.tolist(), strict=True):
        total = torch.tensor(0.0)
        for place in range(prompt, len(text)):
            total = total - functional.cross_entropy(row[place - 1], torch.tensor(text[place]))
            if text[place] == end:
                break
        found.append(total)
    return torch.stack(found)


@right("alignment.4")
def by_cross_entropy(chosen, rejected, reference_chosen, reference_rejected, *, beta, wrong):
    reference_chosen = torch.tensor(reference_chosen.tolist())
    reference_rejected = torch.tensor(reference_rejected.tolist())
    margin = beta * (chosen - rejected - reference_chosen + reference_rejected)
    wanted = torch.full_like(margin, 1 - wrong)
    return functional.binary_cross_entropy_with_logits(margin, wanted)


@right("alignment.2")
def one_by_one(rewards):
    rows = []
    for group in rewards:
        kept = [torch.cat([group[:n], group[n + 1 :]]) for n in range(len(group))]
        rows.append(group - torch.stack([others.mean() for others in kept]))
    return torch.stack(rows)


@right("alignment.2")
def centered_and_enlarged(rewards):
    size = rewards.shape[1]
    return (rewards - rewards.mean(dim=1, keepdim=True)) * size / (size - 1)


@right("alignment.3")
def by_lists(scores, answers, *, end):
    places = [row.index(end) if end in row else len(row) - 1 for row in answers.tolist()]
    return torch.stack([row[place] for row, place in zip(scores, places, strict=True)])


@right("alignment.5")
def by_kl_div(policy, reference, kept):
    new, old = torch.log_softmax(policy, -1), torch.log_softmax(reference, -1)
    apart = functional.kl_div(old, new, reduction="none", log_target=True).sum(dim=2)
    return apart[kept].sum() / len(policy)


@right("alignment.6")
def one_by_one_answer(logs, values, rewards):
    total = 0.0
    for row, value, reward in zip(logs, values, rewards, strict=True):
        total = total - (reward - value.item()) * row.sum() + (value - reward) ** 2 / 2
    return total / len(rewards)


@right("alignment.7")
def by_the_inverse(reference, rewards, *, nats):
    small, large = 1e-3, 1e3  # 1 / β
    while large - small > 1e-12 * large:
        strength = (small + large) / 2
        tilted = torch.softmax(torch.log(reference) + strength * rewards, dim=0)
        far = torch.special.xlogy(tilted, tilted / reference).sum().item()
        if far > nats:
            large = strength
        else:
            small = strength
        if math.isclose(small, large, rel_tol=1e-13):
            break
    return 2 / (small + large)


@right("alignment.9")
def by_the_closed_form(kept, *, cost, most):
    def speed(drafts):
        tokens = drafts + 1 if kept == 1 else (1 - kept ** (drafts + 1)) / (1 - kept)
        return tokens / (1 + drafts * cost)

    return max(range(most + 1), key=speed)
