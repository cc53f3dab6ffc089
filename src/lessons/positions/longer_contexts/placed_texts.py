"""Texts whose difficulty does not depend on their length, to see how far a model can read.

The rules are the same at every position, so whatever a model loses on a longer text it loses
to the positions. Two rules share a text: one looks near, the other far. A third has a text
of its own, and looks at an exact distance.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

NAMES = 4  # tokens 0 to 3
FILLERS = 8  # tokens 4 to 11: they say nothing, and ask for the latest name
FIRST = NAMES + FILLERS  # token 12 asks for the secret at the beginning
SECRETS = FIRST + 1  # tokens 13 to 16 stand at the beginning only
VOCABULARY = SECRETS + NAMES
NOT_ASKED = -1


class Texts(NamedTuple):
    """Texts, what has to be answered at each token, and by which rule.

    Args:
        ids: The tokens.
        answers: The right token at each position.
        rules: The number of the rule that asks there, or −1 where nothing is asked.
    """

    ids: Int[Tensor, "batch tokens"]
    answers: Int[Tensor, "batch tokens"]
    rules: Int[Tensor, "batch tokens"]


def names_and_secret(rows: int, tokens: int, generator: torch.Generator) -> Texts:
    """Draw texts that ask for the latest name (rule 0) and for the secret at the start (rule 1).

    A text begins with one of four secrets. Then each token is a name with probability 0.2, asks
    for the secret with 0.2, or is a filler, which asks for the name that was seen last.

    >>> texts = names_and_secret(1, 6, torch.Generator().manual_seed(11))
    >>> texts.ids.tolist(), texts.answers.tolist(), texts.rules.tolist()
    ([[14, 8, 12, 3, 4, 9]], [[1, 1, 1, 3, 3, 3]], [[-1, 0, 1, -1, 0, 0]])
    """
    kind = torch.rand(rows, tokens, generator=generator)
    names = torch.randint(NAMES, (rows, tokens), generator=generator)
    fillers = torch.randint(NAMES, FIRST, (rows, tokens), generator=generator)
    is_name, asks_first = kind < 0.2, kind >= 0.8
    ids = torch.where(is_name, names, fillers).masked_fill(asks_first, FIRST)
    ids[:, 0] = SECRETS + names[:, 0]
    is_name[:, 0], asks_first[:, 0] = True, False  # until a name comes, the secret's is the latest
    positions = torch.arange(tokens).expand(rows, tokens)
    latest = names.gather(1, torch.where(is_name, positions, 0).cummax(dim=1).values)
    answers = torch.where(asks_first, names[:, :1], latest)
    rules = asks_first.long().masked_fill(is_name, NOT_ASKED)
    return Texts(ids, answers, rules)


def three_back(rows: int, tokens: int, generator: torch.Generator) -> Texts:
    """Draw random fillers, each of which asks for the token three places before it (rule 0).

    >>> texts = three_back(1, 5, torch.Generator().manual_seed(2))
    >>> texts.ids.tolist(), texts.answers[:, 3:].tolist(), texts.rules.tolist()
    ([[4, 11, 9, 4, 10]], [[4, 11]], [[-1, -1, -1, 0, 0]])
    """
    ids = torch.randint(NAMES, FIRST, (rows, tokens), generator=generator)
    rules = torch.zeros_like(ids)
    rules[:, :3] = NOT_ASKED
    return Texts(ids, ids.roll(3, dims=1), rules)


def answer_loss(model: Callable, texts: Texts) -> Float[Tensor, ""]:
    """Return the cross-entropy of the model's answers, in nats, where something is asked.

    >>> texts = three_back(2, 5, torch.Generator())
    >>> even = nn.Sequential(nn.Embedding(VOCABULARY, VOCABULARY), nn.Softmax(dim=-1))
    >>> nn.init.zeros_(even[0].weight).sum().item()
    0.0
    >>> answer_loss(even, texts)
    tensor(2.8332, grad_fn=<NllLossBackward0>)
    """
    asked = texts.rules != NOT_ASKED
    return nn.functional.cross_entropy(model(texts.ids)[asked], texts.answers[asked])


@torch.no_grad()
def accuracy(model: Callable, texts: Texts, *, rule: int = 0, last: int = 16) -> float:
    """Return the share of right answers among the `last` tokens, where `rule` asks.

    Raises:
        ValueError: The rule does not ask there.

    >>> texts = three_back(2, 9, torch.Generator())
    >>> as_it_is = nn.Embedding.from_pretrained(torch.eye(VOCABULARY))
    >>> accuracy(as_it_is, texts._replace(answers=texts.ids))
    1.0
    """
    asked = texts.rules[:, -last:] == rule
    if not asked.any():
        raise ValueError(f"rule {rule} asks nothing in the last {last} tokens: pass longer texts")
    right = model(texts.ids)[:, -last:].argmax(dim=-1) == texts.answers[:, -last:]
    return right[asked].float().mean().item()
