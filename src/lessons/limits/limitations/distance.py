r"""Long-range dependence: at which distance, and at which place, the decoder finds what it needs.

Two questions whose answers are known: what followed this word the last time (a repetition), and
which number has the subject (agreement). Whoever makes a text longer moves two things at once, how
far back the answer lies and at which place of the text it is asked for; text before the question
moves the second alone.
"""

import random

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lessons.models import Loaded
from lessons.models.grammar import lexicon, sentence
from lessons.models.grammar.corpus import open_words

KINDS = ("winograd", "people", "agreement", "plain")


def earlier_text(decoder: Loaded, tokens: int, rng: random.Random) -> list[int]:
    """Return so many tokens of training sentences, divided and closed as in the training.

    Args:
        decoder: The book's decoder.
        tokens: How many; the first sentence may lack its beginning.
        rng: Where chance comes from.

    >>> from lessons.models import load
    >>> len(earlier_text(load("decoder"), 20, random.Random(0)))
    20
    """
    ids, row = decoder.tokenizer.get_vocab(), list[int]()
    while len(row) < tokens:
        drawn = sentence(rng.choice(KINDS), "train", rng)
        row += [*(ids[token] for token in drawn.tokens), ids["<|endoftext|>"]]
    return row[len(row) - tokens :]


@torch.no_grad()
def repetition_hits(
    decoder: Loaded, words: int, *, before: int = 0, shift: int = 0, texts: int = 20, seed: int = 0
) -> Bool[Tensor, "{texts} following"]:
    """Say random words, then the same again; ask for each word of the second time but the first.

    Args:
        decoder: The book's decoder.
        words: How many are repeated, which is also the distance back.
        before: How many tokens of other text stand before them; so the word in column `i` is asked
            for at the place `before + words + i`.
        shift: How much is added to the numbers of all positions, of the same text.
        texts: How many texts.
        seed: Decides the words.

    Raises:
        ValueError: There are more words than the vocabulary holds.

    >>> from lessons.models import load
    >>> repetition_hits(load("decoder"), 10, texts=2).shape
    torch.Size([2, 9])
    """
    known, rng, ids = open_words(), random.Random(seed), decoder.tokenizer.get_vocab()
    if not 2 <= words <= len(known):
        raise ValueError(f"{words} words: pass 2 to {len(known)}, for no word comes twice")
    written = []
    for _ in range(texts):
        said = [ids[word] for word in rng.sample(known, words)]
        written.append(earlier_text(decoder, before, rng) + said + said)
    rows = torch.tensor(written)
    places = torch.arange(rows.shape[1])[None] + shift
    guesses = decoder.model(input_ids=rows, position_ids=places).logits.argmax(dim=-1)
    return guesses[:, -words:-1] == rows[:, 1 - words :]


def hits_by_place(
    decoder: Loaded, words: int, befores: tuple[int, ...], *, edge: int
) -> tuple[float, float]:
    """Return how often a repetition is continued rightly before a place, and from there on.

    Args:
        decoder: The book's decoder.
        words: The distance back, which is always the same.
        befores: How many tokens stand before the words, in several sets of texts.
        edge: The first place that counts as late.

    >>> from lessons.models import load
    >>> early, late = hits_by_place(load("decoder"), 10, (0, 100), edge=64)
    >>> early > late
    True
    """
    early, late = list[float](), list[float]()
    for before in befores:
        shares = repetition_hits(decoder, words, before=before).double().mean(dim=0).tolist()
        for place, share in enumerate(shares, start=before + words):
            (early if place < edge else late).append(share)
    first, then = (sum(some) / len(some) if some else float("nan") for some in (early, late))
    return first, then


def attractor_chain(between: int, plural: bool, rng: random.Random, *, attract: bool = True) -> str:
    """Write a subject and a chain of nouns behind it.

    Args:
        between: How many nouns stand between the subject and its verb.
        plural: The subject's number.
        rng: Where chance comes from.
        attract: Whether these nouns have the other number than the subject, or the same.

    >>> attractor_chain(2, False, random.Random(0))
    'the bike near the teachers beside the rings'
    """
    nouns = rng.sample(lexicon.NOUNS, between + 1)
    words = ["the", nouns[0].plural if plural else nouns[0].singular]
    for noun in nouns[1:]:
        words += [rng.choice(lexicon.PREPOSITIONS), "the"]
        words += [noun.plural if plural != attract else noun.singular]
    return " ".join(words)


@torch.no_grad()
def agreement_shares(
    decoder: Loaded,
    between: int,
    *,
    attract: bool = True,
    before: int = 0,
    texts: int = 100,
    seed: int = 0,
) -> Float[Tensor, " {texts}"]:
    """Return the share of the right number among all verbs that the decoder expects next.

    Args:
        decoder: The book's decoder.
        between: The nouns between subject and verb.
        attract: Whether they have the other number than the subject, or the same.
        before: How many tokens of other text stand before the sentence.
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
        words = attractor_chain(between, plural, rng, attract=attract).split()
        row = earlier_text(decoder, before, rng) + [ids[word] for word in words]
        logits = decoder.model(input_ids=torch.tensor([row])).logits
        by_number = logits[0, -1].softmax(dim=-1)[torch.tensor(verbs)].sum(dim=0)
        shares.append(by_number[int(plural)] / by_number.sum())
    return torch.stack(shares)
