"""Facts without any rule: each key has an answer of several symbols, to be learned by heart.

What a model knows of an answer can be scored symbol by symbol or as a whole, on the same outputs.
"""

import torch
from jaxtyping import Bool, Int64
from torch import Tensor, nn


def draw_facts(
    keys: int, *, length: int = 5, symbols: int = 10, seed: int = 0
) -> Int64[Tensor, "keys tokens"]:
    """Draw an answer for each key; a row is the key's id and the symbols of its answer.

    Args:
        keys: How many facts; the key's ids begin after the symbols'.
        length: The symbols of an answer.
        symbols: Of how many symbols each is drawn.
        seed: Decides the answers.

    Raises:
        ValueError: There is no key, or an answer without symbols, or one symbol alone.

    >>> draw_facts(2, length=3)[:, 0].tolist()
    [10, 11]
    """
    if min(keys, length, symbols - 1) < 1:
        raise ValueError(
            f"{keys} keys, answers of {length} of {symbols} symbols: pass at least one key, one "
            "place, and two symbols"
        )
    chance = torch.Generator().manual_seed(seed)
    answers = torch.randint(symbols, (keys, length), generator=chance)
    return torch.cat([symbols + torch.arange(keys)[:, None], answers], dim=1)


@torch.no_grad()
def right_places(
    model: nn.Module, facts: Int64[Tensor, "keys tokens"]
) -> Bool[Tensor, "keys places"]:
    """Say of each symbol whether it is the likeliest, after its key and the right ones before it.

    Whoever writes an answer greedily writes it wholly right where, and only where, all its places
    are right here.

    >>> model = nn.Embedding.from_pretrained(torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]))
    >>> right_places(model, torch.tensor([[2, 0, 1]])).tolist()
    [[True, True]]
    """
    return model(facts)[:, :-1].argmax(dim=-1) == facts[:, 1:]
