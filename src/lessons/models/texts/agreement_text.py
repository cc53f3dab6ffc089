"""A corpus for chapters that train: the grammar's sentences whose verbs agree, as rows of ids."""

import random
from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from lessons.models.grammar import Sentence, lexicon, sentence
from lessons.models.grammar.corpus import finish

END = "<end>"


def one_noun_between(drawn: Sentence) -> bool:
    """Say whether a sentence is short: no relative clause, and at most one preposition.

    >>> one_noun_between(Sentence(("the", "key", "near", "the", "tables", "falls"), "agreement"))
    True
    """
    prepositions = sum(word in lexicon.PREPOSITIONS for word in drawn.tokens)
    return "that" not in drawn.tokens and prepositions <= 1


def has_relative_clause(drawn: Sentence) -> bool:
    """Say whether a sentence has a relative clause: "the boy that likes the girls is old".

    >>> has_relative_clause(Sentence(("the", "boys", "sleep"), "agreement"))
    False
    """
    return "that" in drawn.tokens


def agreement_sentences(
    count: int,
    *,
    split: str = "train",
    seed: int = 0,
    keep: Callable[[Sentence], bool] = one_noun_between,
) -> list[Sentence]:
    """Draw sentences of the grammar whose verbs agree with a subject that may stand apart.

    Args:
        count: How many.
        split: `train`, `validation` or `test`; two nouns that are held out together meet in none
            of the training sentences.
        seed: Decides the sentences.
        keep: Says which sentences count.

    >>> [one.text for one in agreement_sentences(1)]
    ['the beds wait .']
    """
    rng = random.Random(f"agreement/{split}/{seed}")
    drawn: list[Sentence] = []
    while len(drawn) < count:
        one = finish(sentence("agreement", split, rng))
        drawn += [one] if keep(one) else []
    return drawn


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


def text_rows(
    generator: torch.Generator, *, text: Int[Tensor, " tokens"], rows: int, length: int
) -> Int[Tensor, "{rows} {length}"]:
    """Cut pieces of a text, each from the end of a sentence chosen at random.

    Args:
        generator: Where chance comes from.
        text: What :func:`running_text` returns; the token 0 ends a sentence.
        rows: The number of pieces.
        length: The tokens in each.

    Raises:
        ValueError: No sentence ends early enough in the text.

    >>> text = torch.tensor([2, 0, 3, 4, 0, 5])
    >>> text_rows(torch.Generator().manual_seed(0), text=text, rows=2, length=3)
    tensor([[0, 3, 4],
            [0, 3, 4]])
    """
    starts = (text[: max(0, len(text) - length + 1)] == 0).nonzero()[:, 0]
    if len(starts) == 0:
        raise ValueError(f"no sentence ends {length} tokens before the end: pass a longer text")
    chosen = starts[torch.randint(len(starts), (rows, 1), generator=generator)]
    return text[chosen + torch.arange(length)]


def held_out_rows(
    ids: Mapping[str, int],
    *,
    keep: Callable[[Sentence], bool],
    count: int = 300,
    length: int = 10,
    seed: int = 0,
) -> Int[Tensor, "{count} {length}"]:
    """Return pieces of text whose nouns meet in no training sentence.

    Args:
        ids: The id of each word.
        keep: Says which sentences count.
        count: How many sentences are drawn, and how many pieces are cut.
        length: The tokens in each piece.
        seed: Decides both.

    >>> sentences = agreement_sentences(3000)
    >>> held_out_rows(word_ids(sentences), keep=one_noun_between, count=5).shape
    torch.Size([5, 10])
    """
    sentences = agreement_sentences(count, split="test", seed=seed, keep=keep)
    generator = torch.Generator().manual_seed(seed)
    return text_rows(generator, text=running_text(sentences, ids), rows=count, length=length)
