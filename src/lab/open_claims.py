"""Step 5 for pretrained models: claims tested on sentences of open English.

Templates know the truth of these sentences as the grammar knows that of its own; see
``lessons.models.open_english``. A head *looks* when it gives the right place more than each
other option, more often than any rule that counts places. A decoder also has answers: the next
word, the right one against a wrong one. An encoder without a head that predicts words has none, so
whether a head of it is needed can't be asked.
"""

import itertools
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.interpretation import Paired, compare_paired, silenced, silences_alike
from lessons.models import Loaded, english_items
from lessons.models.judging.model_scores import Score
from lessons.models.judging.open_english_scores import (
    looks_right,
    of_one_length,
    score_looking,
)
from lessons.models.open_english.item import Item

ITEMS = 80
# What is claimed, the set that decides it, and which models it can be asked.
SETS = {
    "resolves pronouns": ("schemas", ("encoder", "decoder")),
    "resolves he and she": ("gendered names", ("encoder", "decoder")),
    "finds the subject": ("agreement", ("decoder",)),
    "continues a repetition": ("repeated lists", ("decoder",)),
}


def open_items(behavior: str) -> list[Item]:
    """Return the items that decide a claim about a pretrained model.

    >>> open_items("finds the subject")[0].asked_word
    'is'
    """
    return english_items(SETS[behavior][0], count=ITEMS)[:ITEMS]


def looks(loaded: Loaded, behavior: str) -> dict[tuple[int, int], Score]:
    """Return, for each head, how often it looks right, beside the best rule."""
    items = open_items(behavior)
    right = looks_right(loaded, items)
    layers, heads = right.shape[1:]
    return {
        head: score_looking("looks", right, items, head)
        for head in itertools.product(range(layers), range(heads))
    }


@torch.no_grad()
def answers_lost(
    loaded: Loaded, behavior: str, head: tuple[int, int]
) -> tuple[float, dict[str, Paired]]:
    """Return how often a decoder's next word is right, and what a head's silences do to that.

    Silent, the head writes what it writes in other texts with as many tokens; a text that is
    alone in its length is left out.
    """
    whole: list[Tensor] = []
    without: dict[str, list[Tensor]] = {"zeros": [], "means": [], "another's": []}
    for ids, right, wrong in _batches(loaded, open_items(behavior)):
        whole.append(_is_right(loaded, ids, right, wrong))
        for kind, outputs in silences_alike(loaded.model, ids).items():
            with silenced(loaded.model, outputs, [head]):
                without[kind].append(_is_right(loaded, ids, right, wrong))
    known = torch.cat(whole)
    lost = {kind: compare_paired(known, torch.cat(of)) for kind, of in without.items()}
    return known.mean().item(), lost


def _batches(loaded: Loaded, items: Sequence[Item]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Give prompts of one length together, with the first tokens of right and wrong words."""
    prompts, right, wrong = (
        [loaded.tokenizer(text).input_ids for text in texts]
        for texts in zip(*((one.prompt, one.right, one.wrong) for one in items), strict=True)
    )
    for places in of_one_length(prompts, most=len(items)):
        if len(places) > 1:
            ids = torch.tensor([prompts[at] for at in places])
            first, second = ([word[at][0] for at in places] for word in (right, wrong))
            yield ids, torch.tensor(first), torch.tensor(second)


def _is_right(loaded: Loaded, ids: Tensor, right: Tensor, wrong: Tensor) -> Float[Tensor, " batch"]:
    said = loaded.model(ids, logits_to_keep=1).logits[:, -1]
    return (said.gather(-1, right[:, None]) > said.gather(-1, wrong[:, None]))[:, 0].float()
