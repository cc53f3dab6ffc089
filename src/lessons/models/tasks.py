"""Two small tasks for chapters that train: sorting digits, and letting verbs agree.

They have nothing in common but their form, rows of token ids. Each task says what its tokens are.
"""

import random
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Int
from torch import Tensor, nn

from lessons.models.draws import draw_sentences
from lessons.models.grammar import Sentence, agreement, lexicon, sentence
from lessons.models.grammar.corpus import finish

SORTED_FROM = 10  # the token between the digits and their sorted copy
END = "<end>"
Choice = tuple[str, str, str]  # a beginning, the verb form that is right, the one that is wrong


def sorting_rows(
    generator: torch.Generator, *, rows: int, digits: int = 6
) -> Int[Tensor, "{rows} tokens"]:
    """Draw random digits, a separator (the token 10), and the same digits in order.

    >>> sorting_rows(torch.Generator().manual_seed(0), rows=1, digits=3)
    tensor([[ 4,  9,  3, 10,  3,  4,  9]])
    """
    drawn = torch.randint(10, (rows, digits), generator=generator)
    between = torch.full((rows, 1), SORTED_FROM)
    return torch.cat([drawn, between, drawn.sort(dim=-1).values], dim=-1)


def agreement_sentences(count: int, *, split: str = "train", seed: int = 0) -> list[Sentence]:
    """Draw sentences of the grammar whose verbs agree with a subject that may stand far away.

    Args:
        count: How many.
        split: `train`, `validation` or `test`; two nouns that are held out together meet in none
            of the training sentences.
        seed: Decides the sentences.

    >>> [one.text for one in agreement_sentences(1)]
    ['the turtle beside the car behind the mouse seems gone .']
    """
    rng = random.Random(f"agreement/{split}/{seed}")
    return [finish(sentence("agreement", split, rng)) for _ in range(count)]


def word_ids(sentences: Sequence[Sentence]) -> dict[str, int]:
    """Give each word of some sentences an id, in alphabetical order; 0 ends a sentence.

    >>> word_ids([Sentence(("tom", "sleeps"), kind="plain")])
    {'<end>': 0, 'sleeps': 1, 'tom': 2}
    """
    words = sorted({word for one in sentences for word in one.tokens})
    return {word: place for place, word in enumerate((END, *words))}


def running_text(sentences: Sequence[Sentence], ids: Mapping[str, int]) -> Int[Tensor, " tokens"]:
    """Write sentences one after the other, each followed by the token that ends it.

    Raises:
        ValueError: A word has no id.

    >>> tom = Sentence(("tom", "sleeps"), kind="plain")
    >>> running_text([tom, tom], word_ids([tom]))
    tensor([2, 1, 0, 2, 1, 0])
    """
    words = [word for one in sentences for word in (*one.tokens, END)]
    unknown = sorted(set(words) - set(ids))
    if unknown:
        raise ValueError(f"no id for {', '.join(unknown)}: pass ids made from these words too")
    return torch.tensor([ids[word] for word in words])


def windows(
    generator: torch.Generator, *, text: Int[Tensor, " tokens"], rows: int, length: int
) -> Int[Tensor, "{rows} {length}"]:
    """Cut pieces of a text at random places.

    Raises:
        ValueError: The text is shorter than a piece.

    >>> windows(torch.Generator().manual_seed(0), text=torch.arange(9), rows=2, length=3)
    tensor([[4, 5, 6],
            [3, 4, 5]])
    """
    if len(text) < length:
        raise ValueError(f"the text has {len(text)} tokens: pass a length of at most that")
    starts = torch.randint(len(text) - length + 1, (rows, 1), generator=generator)
    return text[starts + torch.arange(length)]


def agreement_choices(count: int, *, seed: int = 0) -> list[Choice]:
    """Draw held-out beginnings whose nearest noun has the other number than the subject.

    Each comes with the right and the wrong form of the verb that follows.

    >>> agreement_choices(1)
    [('the forests that the red knife hears', 'sleep', 'sleeps')]
    """
    other = {}
    for one, many in lexicon.COPULAS + lexicon.DEEDS:
        other |= {one: many, many: one}
    drawn = draw_sentences("agreement", "test", count, seed, keep=agreement.has_attractor)
    verbs = [one.subjects[-1][0] for one in drawn]
    return [
        (" ".join(one.tokens[:verb]), one.tokens[verb], other[one.tokens[verb]])
        for one, verb in zip(drawn, verbs, strict=True)
    ]


@torch.no_grad()
def choices_right(model: nn.Module, choices: Sequence[Choice], ids: Mapping[str, int]) -> float:
    """Return how often a decoder finds the right form of the verb likelier than the wrong one.

    Each beginning stands after the token that ends the sentence before.

    Raises:
        ValueError: There is no choice.
    """
    if not choices:
        raise ValueError("there are no choices: pass at least one")
    hits = 0
    for beginning, right, wrong in choices:
        row = torch.tensor([[ids[END], *(ids[word] for word in beginning.split())]])
        logits = model(row)[0, -1]
        hits += bool(logits[ids[right]] > logits[ids[wrong]])
    return hits / len(choices)
