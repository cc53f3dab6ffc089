"""Right answers in other words: with loops, filled row by row, by other functions of torch."""

import math

import torch

from support.answers import right


@right("recurrence.1")
def sentence_by_sentence(states, lengths):
    last = torch.zeros(len(states), states.shape[-1])
    for row, length in enumerate(lengths.tolist()):
        last[row] = states[row, length - 1]
    return last


@right("recurrence.1")
def gathered(states, lengths):
    places = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[-1])
    return states.gather(1, places).squeeze(1)


@right("recurrence.2")
def step_by_step(right, own, trust, *, start):
    inputs = torch.zeros_like(right)
    for row in range(right.shape[0]):
        inputs[row, 0] = start
        for step in range(1, right.shape[1]):
            inputs[row, step] = (own if trust[row, step] else right)[row, step - 1]
    return inputs


@right("recurrence.3")
def by_other_logarithms(steps, kept):
    log_gate = math.log(kept) / steps
    return log_gate - math.log(-math.expm1(log_gate))


@right("recurrence.3")
def in_torch(steps, kept):
    return torch.logit(torch.tensor(kept, dtype=torch.float64) ** (1 / steps))


@right("recurrence.4")
def three_matrices(token, state, w_input, w_state, bias):
    d = state.shape[1]
    parts = [slice(0, d), slice(d, 2 * d), slice(2 * d, None)]
    r, z = (
        1 / (1 + torch.exp(-(token @ w_input[:, one] + state @ w_state[:, one] + bias[one])))
        for one in parts[:2]
    )
    new = token @ w_input[:, parts[2]] + (r * state) @ w_state[:, parts[2]] + bias[parts[2]]
    return state * z + torch.tanh(new) * (1 - z)


@right("recurrence.5")
def power_by_power(w_state, share):
    radius = max(abs(value) for value in torch.linalg.eigvals(w_state).tolist())
    if radius >= 1:
        return None
    steps = 0
    while radius**steps > share:
        steps += 1
    return steps


@right("recurrence.6")
def visible_words_alone(word, state, memory, visible, p):
    weights = torch.zeros(len(memory))
    seen = memory[visible]
    scores = [torch.tanh(state @ p["query"] + one @ p["key"]).dot(p["score"]) for one in seen]
    weights[visible] = torch.stack(scores).softmax(dim=0)
    context = (weights[:, None] * memory).sum(dim=0)
    new = word @ p["word"] + context @ p["context"] + state @ p["state"]
    return torch.tanh(new), context, weights


@right("recurrence.7")
def filled_step_by_step(words, state, memory, p):
    found = torch.zeros(len(words), len(state))
    for step in range(len(words)):
        feed = found[step - 1] if step else torch.zeros(len(state))
        state = (words[step] @ p["word"] + feed @ p["feed"] + state @ p["state"]).tanh()
        weights = torch.softmax(state @ memory.T, dim=0)
        context = sum(weight * one for weight, one in zip(weights, memory, strict=True))
        found[step] = torch.hstack([context, state]).matmul(p["combine"]).tanh()
    return found
