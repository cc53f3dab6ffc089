"""What a pretrained model makes of open English: the next word it prefers, and where it looks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from lessons.models.judging.links import link_mass
from lessons.models.judging.model_scores import Score, proportion
from lessons.models.loading.loader import Loaded
from lessons.models.open_english.item import Item, Span
from lessons.models.open_english.item_sets import rule_rates


def token_places(
    tokenizer: PreTrainedTokenizerBase, text: str, spans: Sequence[Span]
) -> list[list[int]]:
    """Return, for each span of characters, the places of the tokens that lie in it.

    Raises:
        ValueError: No token lies in a span.
    """
    offsets = tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    found = [
        [at for at, (begin, end) in enumerate(offsets) if begin < last and end > first]
        for first, last in spans
    ]
    if not all(found):
        raise ValueError(f"no token of {text!r} lies in one of {list(spans)}")
    return found


def of_one_length(rows: Sequence[list[int]], most: int = 50) -> Iterator[list[int]]:
    """Give the places of rows of one length, at most so many at a time: nothing is padded."""
    alike = defaultdict(list)
    for at, row in enumerate(rows):
        alike[len(row)].append(at)
    for places in alike.values():
        yield from (places[at : at + most] for at in range(0, len(places), most))


@torch.inference_mode()
def next_words(loaded: Loaded, items: Sequence[Item]) -> tuple[list[bool], list[bool]]:
    """Say for each item whether the right word is likelier than the wrong one, and than any other.

    Words are compared by their first tokens.

    Args:
        loaded: A decoder.
        items: With prompts.

    Raises:
        ValueError: The right and the wrong word of an item begin with the same token.
    """
    tokenizer = loaded.tokenizer
    prompts = [tokenizer(item.prompt).input_ids for item in items]
    rights, wrongs = (
        torch.tensor([tokenizer(word).input_ids[0] for word in words])
        for words in ([item.right for item in items], [item.wrong for item in items])
    )
    if (rights == wrongs).any():
        raise ValueError("the right and the wrong word of an item begin with the same token")
    preferred, chosen = ([False] * len(items) for _ in range(2))
    for places in of_one_length(prompts):
        ids = torch.tensor([prompts[at] for at in places])
        logits = loaded.model(ids, logits_to_keep=1).logits[:, -1]
        for row, at in zip(logits, places, strict=True):
            preferred[at] = bool(row[rights[at]] > row[wrongs[at]])
            chosen[at] = int(row.argmax()) == int(rights[at])
    return preferred, chosen


@torch.inference_mode()
def looks_right(loaded: Loaded, items: Sequence[Item]) -> Bool[Tensor, "batch layers heads"]:
    """Say for each item and head whether the asked word looks more at the truth than elsewhere.

    Elsewhere means the other options. A word of several tokens looks with its last one, and is
    looked at with the sum over all.

    Args:
        loaded: An encoder, or a decoder whose options stand before the word that is asked about.
        items: With options.
    """
    tokenizer = loaded.tokenizer
    rows = [tokenizer(item.text).input_ids for item in items]
    found: dict[int, Float[Tensor, "layers heads"]] = {}
    for places in of_one_length(rows):
        ids = torch.tensor([rows[at] for at in places])
        layers = loaded.model.base_model(ids, output_attentions=True).attentions
        for table, at in zip(torch.stack(layers, dim=1), places, strict=True):
            item = items[at]
            asked, *options = token_places(tokenizer, item.text, (item.asked, *item.options))
            masses = torch.stack(
                [link_mass(table, [(asked[-1], key) for key in keys]).sum(-1) for keys in options]
            )
            found[at] = masses.argmax(0) == item.truth
    return torch.stack([found[at] for at in range(len(items))])


def score_looking(
    what: str,
    right: Bool[Tensor, "batch layers heads"],
    asked: Sequence[Item],
    head: tuple[int, int],
) -> Score:
    """Score how often a head looks right, beside the best rule that counts places.

    Args:
        what: What was measured.
        right: From :func:`looks_right`.
        asked: The items.
        head: As (layer, head).
    """
    rates = rule_rates(asked)
    best = max(rates, key=lambda rule: rates[rule])
    hits = right[:, *head].tolist()
    return proportion(what, hits, head=head, baselines={f"{best} place": rates[best]})


@torch.inference_mode()
def meanings_right(
    loaded: Loaded, known: Sequence[Item], asked: Sequence[Item], *, layer: int
) -> list[bool]:
    """Say whether each homograph's vector lies nearer to the mean of its own meaning.

    Args:
        loaded: An encoder or a decoder.
        known: Sentences whose meanings are given.
        asked: Sentences to decide.
        layer: Counted from 0, the embeddings.
    """
    means = defaultdict(list)
    for item, vector in zip(known, _vectors(loaded, known, layer), strict=True):
        means[item.asked_word, item.truth].append(vector)
    right = []
    for item, vector in zip(asked, _vectors(loaded, asked, layer), strict=True):
        own, other = (
            torch.cosine_similarity(
                vector, torch.stack(means[item.asked_word, truth]).mean(0), dim=0
            )
            for truth in (item.truth, 1 - item.truth)
        )
        right.append(bool(own > other))
    return right


def _vectors(loaded: Loaded, items: Sequence[Item], layer: int) -> list[Float[Tensor, " d_model"]]:
    vectors = []
    for item in items:
        (places,) = token_places(loaded.tokenizer, item.text, [item.asked])
        ids = torch.tensor([loaded.tokenizer(item.text).input_ids])
        states = loaded.model(ids, output_hidden_states=True).hidden_states
        vectors.append(states[layer][0, places].mean(0))
    return vectors
