r"""Long-range dependence: how far back the book's decoder still finds what it needs.

Two questions whose answers are known: what followed this word the last time (a repetition), and
which number has the subject (agreement), with more and more between.
"""

import random

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lessons.models import Loaded, encode
from lessons.models.grammar import lexicon
from lessons.models.grammar.corpus import open_words


@torch.no_grad()
def repetition_hits(
    decoder: Loaded, words: int, *, texts: int = 20, seed: int = 0
) -> Bool[Tensor, "{texts} following"]:
    """Say random words, then the same again; ask for each word of the second time but the first.

    Args:
        decoder: The book's decoder.
        words: How many are repeated, which is also the distance back.
        texts: How many texts.
        seed: Decides the words.

    Raises:
        ValueError: There are more words than the vocabulary or the positions hold.

    >>> from lessons.models import load
    >>> repetition_hits(load("decoder"), 10, texts=2).shape
    torch.Size([2, 9])
    """
    known, rng = open_words(), random.Random(seed)
    if not 2 <= words <= len(known):
        raise ValueError(f"{words} words: pass 2 to {len(known)}, for no word comes twice")
    hits = []
    for _ in range(texts):
        said = rng.sample(known, words)
        ids = encode(decoder, " ".join([*said, *said])).input_ids
        guesses = decoder.model(input_ids=ids).logits[0, words:-1].argmax(dim=-1)
        hits.append(guesses == ids[0, words + 1 :])
    return torch.stack(hits)


def attractor_chain(attractors: int, plural: bool, rng: random.Random) -> str:
    """Write a subject and a chain of nouns of the other number behind it.

    Args:
        attractors: How many nouns stand between the subject and its verb.
        plural: The subject's number.
        rng: Where chance comes from.

    >>> attractor_chain(2, False, random.Random(0))
    'the bike near the teachers beside the rings'
    """
    nouns = rng.sample(lexicon.NOUNS, attractors + 1)
    words = ["the", nouns[0].plural if plural else nouns[0].singular]
    for noun in nouns[1:]:
        words += [rng.choice(lexicon.PREPOSITIONS), "the"]
        words += [noun.singular if plural else noun.plural]
    return " ".join(words)


@torch.no_grad()
def agreement_shares(
    decoder: Loaded, attractors: int, *, texts: int = 100, seed: int = 0
) -> Float[Tensor, " {texts}"]:
    """Return the share of the right number among all verbs that the decoder expects next.

    Args:
        decoder: The book's decoder.
        attractors: The nouns of the other number between subject and verb.
        texts: How many sentences, half of them with a plural subject.
        seed: Decides the words.

    >>> from lessons.models import load
    >>> bool(agreement_shares(load("decoder"), 0, texts=4).min() > 0.9)
    True
    """
    ids, rng = decoder.tokenizer.get_vocab(), random.Random(seed)
    verbs = [(ids[one], ids[many]) for one, many in lexicon.COPULAS + lexicon.DEEDS if one != many]
    shares = []
    for text in range(texts):
        plural = text % 2 == 1
        sentence = encode(decoder, attractor_chain(attractors, plural, rng))
        chances = decoder.model(**sentence).logits[0, -1].softmax(dim=-1)
        by_number = chances[torch.tensor(verbs)].sum(dim=0)
        shares.append(by_number[int(plural)] / by_number.sum())
    return torch.stack(shares)
