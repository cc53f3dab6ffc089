"""Step 2: what a decoder expects, and where it looks, when the last tokens of a prefix change."""

from collections.abc import Sequence

import torch

from lab.machine import read, words
from lab.showing import Shown, plain, table
from lessons.models import Loaded


class Endings(Shown):
    """Prefixes that end differently: a table, and each prefix's tokens and maps for figures."""

    def __init__(self, markdown: str, facts: dict, maps: list[torch.Tensor], tokens: list):
        super().__init__(markdown, facts)
        self.maps = maps
        self.tokens = tokens


@torch.no_grad()
def compare_prefixes(loaded: Loaded, prefixes: Sequence[str]) -> Endings:
    """Compare what a decoder does at the end of prefixes that begin alike.

    Args:
        loaded: A decoder.
        prefixes: Two or more that begin with the same token.

    Raises:
        ValueError: There are fewer than two different prefixes, one cannot be read, or they
            begin differently.

    >>> from lab.machine import load_model
    >>> both = ["the key near the table", "the key near the tables"]
    >>> found = compare_prefixes(load_model("decoder", source="book"), both).facts
    >>> found["shared"], found["change_before"] < 1e-4
    (4, True)
    """
    if isinstance(prefixes, str) or len(set(prefixes)) < 2:
        raise ValueError("there is nothing to compare: pass a list of two or more prefixes")
    maps, tokens, expected = [], [], []
    for number, text in enumerate(prefixes, start=1):
        encoded, found = read(loaded, text, f"prefix {number}", by=["decoder"])
        output = loaded.model(**encoded, output_attentions=True)
        maps.append(torch.cat(output.attentions).cpu())
        tokens.append(found)
        chances = output.logits[0, -1].softmax(dim=-1).topk(3)
        likeliest = zip(words(loaded, chances.indices.tolist()), chances.values.cpu(), strict=True)
        expected.append([[word, round(float(chance), 2)] for word, chance in likeliest])
    shared = _shared(tokens)
    if not shared:
        raise ValueError("the prefixes begin differently: change their last tokens only")
    first = maps[0][..., :shared, :shared]
    change = max(float((one[..., :shared, :shared] - first).abs().max()) for one in maps)
    looks = [[_strongest(layer, found) for layer in one.mean(dim=1)[:, -1]]
             for one, found in zip(maps, tokens, strict=True)]  # fmt: skip
    facts = {"model": loaded.provenance, "prefixes": list(prefixes), "shared": shared}
    facts |= {"endings": [found[shared:] for found in tokens], "expected": expected}
    facts |= {"looks": looks, "change_before": round(change, 6)}
    return Endings(_told(facts), facts, maps, tokens)


def _shared(tokens: list[list[str]]) -> int:
    """Return how many tokens all begin with."""
    shared = 0
    for column in zip(*tokens, strict=False):
        if len(set(column)) > 1:
            break
        shared += 1
    return shared


def _strongest(row: torch.Tensor, tokens: list[str]) -> list:
    return [tokens[int(row.argmax())], round(float(row.max()), 2)]


def _told(facts: dict) -> str:
    rows = [
        [f"… {' '.join(ending) or '(ends here)'}",
         ", ".join(f"{word} {chance:.2f}" for word, chance in expected),
         ", ".join(f"{layer}: {token} {weight:.2f}" for layer, (token, weight) in enumerate(looks))]
        for ending, expected, looks in zip(
            facts["endings"], facts["expected"], facts["looks"], strict=True
        )
    ]  # fmt: skip
    head = ["ends with", "expects next", "its last token looks at, in each layer's mean"]
    return (
        f"Model: {plain(facts['model'])}.\n\n{table(head, rows)}\n\n"
        f"The first {facts['shared']} tokens are the same. Among them, no weight "
        "of any head differs by more than "
        f"{facts['change_before']:.6f}."
    )
