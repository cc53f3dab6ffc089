r"""Other links between noun phrases: the fragment has one order of them, a verb, *and*, a verb.

A link is one word in both languages. So nothing else in a sentence moves when it is exchanged.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from lessons.recurrence.padded_pairs import ENGLISH, FRENCH, Batch, draw_batch
from lessons.recurrence.phrase_words import VERBS
from lessons.recurrence.word_ids import PAD

LINKS = VERBS | {"and": "et"}


def exchange_link(batch: Batch, old: str, new: str) -> Batch:
    """Put one link in the place of another, in the sentences and in their translations.

    Args:
        batch: The sentences.
        old: The English link that goes: *and*, or a verb.
        new: The one that comes.

    Raises:
        ValueError: There is no such link.

    >>> from lessons.recurrence import batch_of, Pair
    >>> cats = Pair(("cats", "and", "dogs"), ("chats", "et", "chiens"), (0, 1, 2))
    >>> FRENCH.decode(exchange_link(batch_of([cats]), "and", "see").following[0].tolist())
    ['chats', 'voient', 'chiens']
    """
    for word in (old, new):
        if word not in LINKS:
            raise ValueError(f"{word!r} is no link: pass one of {', '.join(LINKS)}")
    gone, put = (ENGLISH.ids[word] for word in (old, new))
    leaving, said = (FRENCH.ids[LINKS[word]] for word in (old, new))
    return batch._replace(
        source=batch.source.masked_fill(batch.source == gone, put),
        previous=batch.previous.masked_fill(batch.previous == leaving, said),
        following=batch.following.masked_fill(batch.following == leaving, said),
    )


def draw_any_links(
    generator: torch.Generator, *, size: int, phrases: Sequence[int], talk: float = 0.0
) -> Batch:
    """Draw sentences whose links are verbs or *and*, each as likely, wherever they stand.

    All other words are those of :func:`~lessons.recurrence.padded_pairs.draw_batch`.

    Args:
        generator: Decides the sentences.
        size: The number of sentences.
        phrases: The numbers of noun phrases that a sentence may have, each as likely.
        talk: The share of small talk.

    Raises:
        ValueError: There is no sentence to draw.

    >>> batch = draw_any_links(torch.Generator().manual_seed(1), size=1, phrases=[4])
    >>> print(" ".join(ENGLISH.decode(batch.source[0].tolist())))
    two other dogs see these flowers and the other children want the calm dogs
    """
    batch = draw_batch(generator, size=size, phrases=phrases, talk=talk)
    english = torch.tensor([ENGLISH.ids[link] for link in LINKS])
    french = torch.tensor([FRENCH.ids[said] for said in LINKS.values()])
    in_source, in_target = torch.isin(batch.source, english), torch.isin(batch.following, french)
    links = int(in_source.sum())
    verbs = torch.randint(len(VERBS), (links,), generator=generator)
    drawn = verbs.masked_fill(torch.rand(links, generator=generator) < 0.5, len(VERBS))
    following = _exchanged(batch.following, in_target, french[drawn])
    previous = torch.cat([batch.previous[:, :1], following[:, :-1]], dim=1)
    return batch._replace(
        source=_exchanged(batch.source, in_source, english[drawn]),
        previous=previous.masked_fill(batch.previous == PAD, PAD),
        following=following,
    )


def _exchanged(ids: Tensor, where: Tensor, others: Tensor) -> Tensor:
    changed = ids.clone()
    changed[where] = others
    return changed
