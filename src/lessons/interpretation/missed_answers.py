"""Does a decoder need a head for its next word? Right against wrong, whole and with silent heads.

Counted are answers: a text whose right word stays likelier than the wrong one has lost nothing,
however much nearer the two have come.
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.interpretation.paired import Paired, compare_paired
from lessons.interpretation.silence import silenced, silences_alike
from lessons.interpretation.sites import Head
from lessons.models.judging.open_english_scores import of_one_length
from lessons.models.loading.loader import Loaded
from lessons.models.open_english.item import Item


@torch.no_grad()
def answers_lost(
    loaded: Loaded,
    items: Sequence[Item],
    groups: Sequence[Sequence[Head]],
    *,
    kinds: Sequence[str] = ("zeros", "means", "another's"),
) -> tuple[float, list[dict[str, Paired]]]:
    """Return how often a decoder's next word is right, and what the silence of heads does to that.

    Silent, a head writes what it writes in other texts with as many tokens; a text that is alone
    in its length is left out.

    Args:
        loaded: The decoder.
        items: Texts to go on from, each with a right and a wrong word, told by their first tokens.
        groups: Heads that are silent together, each as (layer, head).
        kinds: The kinds of silence.

    Raises:
        ValueError: An item has no prompt, or each is alone in its length.

    >>> from lessons.interpretation import grammar_items
    >>> from lessons.models import load
    >>> items = grammar_items("agreement", count=8)
    >>> right, [lost] = answers_lost(load("decoder", source="book"), items, [[(2, 2)]])
    >>> right > 0.8, sorted(lost)
    (True, ["another's", 'means', 'zeros'])
    """
    if not all(one.prompt for one in items):
        raise ValueError("an item has no prompt: pass items that a decoder is asked")
    whole: list[Tensor] = []
    without: list[dict[str, list[Tensor]]] = [{kind: [] for kind in kinds} for _ in groups]
    for ids, right, wrong in _batches(loaded, items):
        whole.append(_is_right(loaded, ids, right, wrong))
        outputs = silences_alike(loaded.model, ids)
        for heads, found in zip(groups, without, strict=True):
            for kind in kinds:
                with silenced(loaded.model, outputs[kind], heads):
                    found[kind].append(_is_right(loaded, ids, right, wrong))
    if not whole:
        raise ValueError("no two texts have as many tokens: pass more items")
    known = torch.cat(whole)
    lost = [
        {kind: compare_paired(known, torch.cat(of)) for kind, of in found.items()}
        for found in without
    ]
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
