r"""Ways to choose sentences: the first, by centrality, by relevance without repeating, the best.

References: :cite:t:`radev2004`, :cite:t:`carbonell1998`.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.adaptation.summarization.chapter_texts import LongText
from lessons.adaptation.summarization.rouge import rouge_n, rouge_words
from lessons.families import centrality


def most_relevant(
    vectors: Float[Tensor, "sentences d_model"], *, keep: int, weight: float = 0.7
) -> list[int]:
    r"""Choose sentences one by one: central ones, but unlike those that are chosen already (MMR).

    .. math:: \arg\max_i \; \lambda c_i - (1 - \lambda) \max_{j \in S} \cos(x_i, x_j)

    Args:
        vectors: One for each sentence, of length 1.
        keep: How many sentences are chosen.
        weight: :math:`\lambda`: 1 asks for centrality alone.

    Raises:
        ValueError: There are fewer sentences than `keep`, or it is below one.

    Source: :cite:t:`carbonell1998`, section 2, with centrality as the relevance.

    >>> vectors = torch.nn.functional.normalize(torch.tensor([[1, 0], [1, 0.1], [0.6, 1]]), dim=-1)
    >>> most_relevant(vectors, keep=2, weight=1.0), most_relevant(vectors, keep=2, weight=0.3)
    ([0, 1], [1, 2])
    """
    if not 1 <= keep <= len(vectors):
        raise ValueError(f"keep is {keep}: pass at least 1, at most {len(vectors)}")
    relevance, alike = centrality(vectors), vectors @ vectors.T
    chosen: list[int] = []
    for _ in range(keep):
        said = alike[:, chosen].amax(dim=1) if chosen else torch.zeros_like(relevance)
        scores = weight * relevance - (1 - weight) * said
        scores[chosen] = -torch.inf
        chosen.append(int(scores.argmax()))
    return sorted(chosen)


def oracle_choice(text: LongText, *, keep: int) -> list[int]:
    """Choose with the reference in hand: one by one the sentence that adds most ROUGE-1 F1.

    It is no method, but shows about how far sentences of the text can get.

    Args:
        text: With its author's summary.
        keep: How many sentences are chosen.

    Raises:
        ValueError: There are fewer sentences than `keep`, or it is below one.

    >>> oracle_choice(LongText("", ("A dog.", "The cat.", "It sat."), ("The cat.",)), keep=1)
    [1]
    """
    if not 1 <= keep <= len(text.sentences):
        raise ValueError(f"keep is {keep}: pass at least 1, at most {len(text.sentences)}")
    chosen: list[int] = []
    while len(chosen) < keep:
        left = [place for place in range(len(text.sentences)) if place not in chosen]
        scores = [rouge_n(chosen_text(text, [*chosen, place]), text.reference).f1 for place in left]
        chosen.append(left[scores.index(max(scores))])
    return sorted(chosen)


def alike_in_length(
    text: LongText,
    places: Sequence[int],
    *,
    generator: torch.Generator,
    draws: int = 400,
    keep: int = 8,
) -> list[list[int]]:
    """Choose at random as many sentences, with about as many words: what length alone is worth.

    Of many random choices, those are returned whose number of words is nearest to that of `places`.

    Args:
        text: What is chosen from.
        places: The choice whose length is imitated.
        generator: Where chance comes from.
        draws: How many choices are drawn.
        keep: How many of them are returned.

    Raises:
        ValueError: There are fewer draws than are to be returned.

    >>> text = LongText("", ("One.", "One two.", "One two three four."), ())
    >>> alike_in_length(text, [1], generator=torch.Generator().manual_seed(0), draws=40, keep=3)
    [[1], [1], [1]]
    """
    if not 1 <= keep <= draws:
        raise ValueError(f"keep is {keep}: pass at least 1, at most {draws}")
    words = torch.tensor([len(rouge_words(one)) for one in text.sentences])
    drawn = torch.stack(
        [torch.randperm(len(words), generator=generator)[: len(places)] for _ in range(draws)]
    )
    off = (words[drawn].sum(dim=1) - words[list(places)].sum()).abs()
    return drawn[off.argsort(stable=True)[:keep]].tolist()


def chosen_text(text: LongText, places: Sequence[int]) -> str:
    """Return the chosen sentences as one text, in the order of the text.

    >>> chosen_text(LongText("", ("One.", "Two.", "Three."), ()), [2, 0])
    'One. Three.'
    """
    return " ".join(text.sentences[place] for place in sorted(places))
