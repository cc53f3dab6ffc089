r"""Ambiguity: sentences in which nothing decides what `it` means, and what the encoder says.

"The trophy does not fit in the suitcase because it is too big" has an answer; "because it is too
red" has none, for no color keeps a thing from fitting. Both look the same to a model that must
answer.
"""

import dataclasses
import random
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models import Loaded
from lessons.models.grammar import Sentence, lexicon


def undecidable(sentence: Sentence, rng: random.Random) -> Sentence:
    """Exchange the adjective that decides for a color that the sentence does not hold.

    Args:
        sentence: A Winograd sentence, with or without its full stop.
        rng: Which color.

    Raises:
        ValueError: It is no Winograd sentence.

    >>> decided = Sentence(("it", "is", "too", "big", "."), kind="winograd")
    >>> undecidable(decided, random.Random(0)).text
    'it is too brown .'
    """
    if sentence.kind != "winograd":
        raise ValueError(f"the sentence is of kind {sentence.kind!r}: pass a Winograd sentence")
    place = max(i for i, word in enumerate(sentence.tokens) if word == "too") + 1
    colors = [color for color in lexicon.COLORS if color not in sentence.tokens]
    tokens = list(sentence.tokens)
    tokens[place] = rng.choice(colors)
    return dataclasses.replace(sentence, tokens=tuple(tokens))


@torch.no_grad()
def antecedent_chances(
    encoder: Loaded, sentences: Sequence[Sentence]
) -> Float[Tensor, "sentences 2"]:
    """Return, for each sentence, how probable its two nouns are as what `it` means.

    The first column is the noun that the sentence names as the antecedent (before an exchange,
    where there was one), the second its rival.

    Args:
        encoder: The book's encoder, trained to name the antecedent at the pronoun.
        sentences: Winograd sentences.

    >>> from lessons.models import load
    >>> from lessons.models.grammar.draws import draw_sentences
    >>> antecedent_chances(load("encoder"), draw_sentences("winograd", "test", 2, 0)).shape
    torch.Size([2, 2])
    """
    ids = encoder.tokenizer.get_vocab()
    batch = encoder.tokenizer([one.text for one in sentences], padding=True, return_tensors="pt")
    chances = encoder.model(**batch).logits.softmax(dim=-1)
    rows = []
    for row, sentence in zip(chances, sentences, strict=True):
        pronoun, antecedent = sentence.antecedents[-1]
        first = sentence.subjects[0][1]
        nouns = {first, _second_noun(sentence, pronoun, first)}
        (rival,) = nouns - {antecedent}
        wanted = [ids[sentence.tokens[place]] for place in (antecedent, rival)]
        rows.append(row[pronoun + 1][wanted])  # past the [CLS]
    return torch.stack(rows)


def _second_noun(sentence: Sentence, pronoun: int, first: int) -> int:
    """Return the place of the noun between the first noun and the pronoun."""
    names = {noun.singular for noun in lexicon.NOUNS} | {noun.plural for noun in lexicon.NOUNS}
    return max(place for place in range(first + 1, pronoun) if sentence.tokens[place] in names)
