"""From raw texts to batches of ids: words, a vocabulary, padding, and batches of like lengths."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from lessons.tokens import Vocabulary

UNKNOWN, PADDING = "[UNK]", "[PAD]"
PAD = 1  # padding's id: a vocabulary of ours begins with these two
JOINTS = ("but", "though")
POOL = 8  # so many batches are drawn at once, sorted, and cut


class Batch(NamedTuple):
    """Texts of ids side by side, and their labels."""

    ids: Int[Tensor, "batch tokens"]
    labels: Int[Tensor, " batch"]


def words_of(text: str) -> list[str]:
    """Cut a raw text into words in small letters, and punctuation.

    >>> words_of("Not bad, I think!")
    ['not', 'bad', ',', 'i', 'think', '!']
    """
    return re.findall(r"\w+|[^\w\s]", text.lower())


def words_and_pairs_of(text: str) -> list[str]:
    """Return the words of a text, and each two neighbors as one token more.

    >>> words_and_pairs_of("Not bad!")
    ['not', 'bad', '!', 'not bad', 'bad !']
    """
    words = words_of(text)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def sorted_words_of(text: str) -> list[str]:
    """Return the words of a text in the order of the alphabet: all of them, and no order.

    >>> sorted_words_of("Not bad, I think!")
    ['!', ',', 'bad', 'i', 'not', 'think']
    """
    return sorted(words_of(text))


def clause_words_of(text: str, *, turned: bool = False) -> list[str]:
    """Mark each word of the first sentence with the number of its clause; the rest stays as it is.

    Args:
        text: A review.
        turned: Whether the mark also tells the joint, and a *not* in the clause.

    >>> clause_words_of("The film was dull, but it was not bad.")[-5:]
    ['2 was', '2 not', '2 bad', 'but', '.']
    >>> clause_words_of("The film was dull, but it was not bad.", turned=True)[-3:]
    ['2 but not bad', 'but', '.']
    """
    words = words_of(text)
    end = next((at for at, word in enumerate(words) if word in (".", "!", "?")), len(words))
    cut = next((at for at, word in enumerate(words[:end]) if word in JOINTS), end)
    marked: list[str] = []
    for number, clause in ((1, words[:cut]), (2, words[cut + 1 : end])):
        joint = f" {words[cut]}" if cut < end else ""
        mark = f"{number}{joint}{' not' * ('not' in clause)}" if turned else f"{number}"
        marked += [f"{mark} {word}" for word in clause]
    return [*marked, *words[cut : cut + 1] * (cut < end), *words[end:]]


def vocabulary_of(
    texts: Sequence[str], *, cut: Callable[[str], list[str]] = words_of, at_least: int = 2
) -> Vocabulary:
    """Give the tokens of some texts a number, frequent ones first; those seen once get none.

    Args:
        texts: What may be learned from, and nothing else.
        cut: From a text to its tokens.
        at_least: How often a token must occur to get a number.

    >>> vocabulary_of(["Good, good!", "Not good!"]).tokens
    ['[UNK]', '[PAD]', 'good', '!']
    """
    counts = Counter(token for text in texts for token in cut(text))
    kept = [token for token, times in counts.most_common() if times >= at_least]
    return Vocabulary([PADDING, *kept], unknown=UNKNOWN)


def padded(rows: Sequence[Sequence[int]]) -> Int[Tensor, "batch tokens"]:
    """Put texts of ids side by side, filled up to the longest.

    Raises:
        ValueError: There is no text, or one is empty.

    >>> padded([[5, 6, 7], [8]])
    tensor([[5, 6, 7],
            [8, 1, 1]])
    """
    if not rows or not all(rows):
        raise ValueError("a text is empty, or there is none: pass texts of at least one token")
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


def batch_of(rows: Sequence[Sequence[int]], labels: Sequence[int]) -> Batch:
    """Put texts and their labels side by side.

    >>> batch_of([[5, 6], [8]], [1, 0]).labels
    tensor([1, 0])
    """
    return Batch(padded(rows), torch.tensor(labels))


def draw_batches(
    rows: Sequence[Sequence[int]], labels: Sequence[int], *, size: int, pool: int = POOL
) -> Callable[[torch.Generator], Batch]:
    """Return a function that draws a batch of texts of about one length; for `fit`.

    It draws `pool` batches at once, sorts their texts by length, and returns one slice of
    them: which one, chance decides, so every text is as likely as every other.

    Args:
        rows: The texts.
        labels: Their labels.
        size: The texts in a batch.
        pool: How many batches are sorted together; 1 draws without a look at the lengths.

    >>> draw = draw_batches([[5], [6, 7]], [0, 1], size=3)
    >>> draw(torch.Generator().manual_seed(0)).labels.shape
    torch.Size([3])
    """

    def draw(generator: torch.Generator) -> Batch:
        drawn = torch.randint(len(rows), (size * pool,), generator=generator).tolist()
        drawn.sort(key=lambda place: len(rows[place]))
        first = size * int(torch.randint(pool, (), generator=generator))
        chosen = drawn[first : first + size]
        return batch_of([rows[one] for one in chosen], [labels[one] for one in chosen])

    return draw


def padding_share(batches: Sequence[Batch]) -> float:
    """Return which share of all places in these batches is padding.

    >>> padding_share([batch_of([[5, 6], [8]], [1, 0])])
    0.25
    """
    places = sum(batch.ids.numel() for batch in batches)
    return sum(int((batch.ids == PAD).sum()) for batch in batches) / places
