"""Little stories of four sentences, to ask which wrong pairs teach a model what.

Each story has one hero and goes from dawn to night, so two things tell whether a second sentence
follows the first: it has the same hero, and the next time of day.

Reference: :cite:t:`lan2020`, section 3.1, whose wrong pairs are two sentences that changed places.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lessons.families.encoder_only import EncoderOnly
from lessons.families.encoders.next_sentence import Pair, join, sentence_pairs

TIMES = ("dawn", "noon", "dusk", "night")
HEROES = ("cat", "king", "sailor", "horse")
DEEDS = ("waits", "sings", "sleeps", "turns", "falls", "rests", "calls", "hides")
WORDS = ("[CLS]", "[SEP]", *TIMES, *HEROES, *DEEDS)
WRONG = ("any", "same place", "swapped")

Story = list[str]
Rows = tuple[Int64[Tensor, "batch tokens"], Int64[Tensor, "batch tokens"], Int64[Tensor, " batch"]]


def _one_of(some: Sequence, generator: torch.Generator):
    return some[int(torch.randint(len(some), (), generator=generator))]


def stories(count: int, *, generator: torch.Generator) -> list[Story]:
    """Return stories, as many of each hero, in a few words a sentence.

    Args:
        count: How many; at least 2, so that there is another hero.
        generator: Where the deeds come from.

    Raises:
        ValueError: There are fewer than two.

    >>> stories(2, generator=torch.Generator().manual_seed(0))[1][:2]
    ['dawn king turns', 'noon king turns']
    """
    if count < 2:
        raise ValueError(f"count is {count}: pass at least 2, so that there is another story")
    heroes = itertools.islice(itertools.cycle(HEROES), count)
    return [[f"{time} {one} {_one_of(DEEDS, generator)}" for time in TIMES] for one in heroes]


def story_pairs(count: int, *, wrong: str, generator: torch.Generator) -> list[Pair]:
    """Return pairs of neighbors in stories; about half of them are wrong, in one of three ways.

    Args:
        count: How many stories.
        wrong: What stands second in a wrong pair: "any", a sentence from anywhere in another
            story, as in BERT's training; "same place", the one that comes next, but of another
            hero; "swapped", as in ALBERT's, both sentences have changed places.
        generator: Where chance comes from.

    Raises:
        ValueError: There is no such way, or fewer than two stories.

    Source: :cite:t:`devlin2019`, section 3.1, task 2; :cite:t:`lan2020`, section 3.1.

    >>> pairs = story_pairs(2, wrong="swapped", generator=torch.Generator().manual_seed(0))
    >>> all(pair.follows == (TIMES.index(pair.first.split()[0]) < TIMES.index(
    ...     pair.second.split()[0])) for pair in pairs)
    True
    """
    if wrong not in WRONG:
        raise ValueError(f"wrong is {wrong!r}: pass one of {', '.join(WRONG)}")
    told = stories(count, generator=generator)
    if wrong == "any":
        return sentence_pairs(told, generator=generator)
    pairs = []
    for story in told:
        others = [other for other in told if other[0].split()[1] != story[0].split()[1]]
        for place, (first, second) in enumerate(itertools.pairwise(story)):
            if bool(torch.rand((), generator=generator) < 0.5):
                pairs.append(Pair(first, second, follows=True))
            elif wrong == "swapped":
                pairs.append(Pair(second, first, follows=False))
            else:
                other = _one_of(others, generator)[place + 1]
                pairs.append(Pair(first, other, follows=False))
    return pairs


def story_rows(pairs: Sequence[Pair]) -> Rows:
    """Return what a BERT reads of some pairs: ids, segments, and 1 where the second follows.

    >>> ids, segments, follows = story_rows([Pair("dawn cat waits", "noon cat sings", True)])
    >>> ids.shape, segments.tolist(), follows.tolist()
    (torch.Size([1, 9]), [[0, 0, 0, 0, 0, 1, 1, 1, 1]], [1])
    """
    places = {word: place for place, word in enumerate(WORDS)}
    joined = [join(pair.first.split(), pair.second.split()) for pair in pairs]
    ids = torch.tensor([[places[token] for token in one.tokens] for one in joined])
    segments = torch.tensor([one.segments for one in joined])
    return ids, segments, torch.tensor([int(pair.follows) for pair in pairs])


def _some_rows(generator: torch.Generator, *, wrong: str, count: int) -> Rows:
    return story_rows(story_pairs(count, wrong=wrong, generator=generator))


def draw_story_rows(*, wrong: str, count: int = 12) -> Callable[[torch.Generator], Rows]:
    """Return a function that draws pairs from new stories, three of each; for `fit`.

    Args:
        wrong: As for :func:`story_pairs`.
        count: How many stories.

    >>> draw_story_rows(wrong="swapped")(torch.Generator())[0].shape
    torch.Size([36, 9])
    """
    return partial(_some_rows, wrong=wrong, count=count)


def pair_loss(model: EncoderOnly, rows: Rows) -> Float[Tensor, ""]:
    """Return the cross-entropy of a model's answers about pairs, in nats a pair.

    >>> from lessons.families import small_bert
    >>> rows = draw_story_rows(wrong="any")(torch.Generator())
    >>> pair_loss(small_bert(len(WORDS), positions=9), rows).item() > 0
    True
    """
    ids, segments, follows = rows
    return nn.functional.cross_entropy(model(ids, segments=segments), follows)


@torch.no_grad()
def share_noticed(model: EncoderOnly, *, wrong: str, seed: int = 1) -> float:
    """Return the share of wrong pairs, from new stories, of which a model says so.

    Args:
        model: Answers 0 for wrong pairs.
        wrong: As for :func:`story_pairs`.
        seed: Decides the stories.

    >>> from lessons.families import small_bert
    >>> 0 <= share_noticed(small_bert(len(WORDS), positions=9), wrong="swapped") <= 1
    True
    """
    generator = torch.Generator().manual_seed(seed)
    ids, segments, follows = draw_story_rows(wrong=wrong, count=200)(generator)
    said = model(ids, segments=segments).argmax(dim=-1)
    return float((said == 0)[follows == 0].double().mean())
