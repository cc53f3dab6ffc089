r"""What a decoder of the book's grammar can do, scored, to see what training takes away."""

import random
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from lessons.adaptation.fine_tuning.replay import old_texts
from lessons.adaptation.labeled_text import labeled_loss, stack
from lessons.models import agreement_choices
from lessons.models.grammar import repeat


@torch.no_grad()
def copied(
    model: nn.Module,
    ids: Mapping[str, int],
    *,
    barred: Sequence[str] = (),
    count: int = 40,
    seed: int = 0,
) -> float:
    """Return which share of random words a decoder foretells when they come a second time.

    The first of them is not counted: only from the second on can one know that they repeat.

    Args:
        model: The decoder.
        ids: Its vocabulary.
        barred: Words that it may not say, however likely it finds them.
        count: How many texts.
        seed: Decides the texts.

    >>> from lessons.families import small_decoder
    >>> from lessons.models import load
    >>> ids = load("decoder", source="book").tokenizer.get_vocab()
    >>> copied(small_decoder(len(ids), positions=17), ids) < 0.2
    True
    """
    rng = random.Random(f"copied/{seed}")
    drawn = [repeat(rng, length=8).tokens for _ in range(count)]
    rows = torch.tensor([[ids["<|endoftext|>"], *(ids[word] for word in one)] for one in drawn])
    logits = model(rows)
    logits[..., [ids[word] for word in barred]] = -torch.inf
    return (logits.argmax(dim=-1)[:, 9:-1] == rows[:, 10:]).float().mean().item()


@torch.no_grad()
def agreeing(model: nn.Module, ids: Mapping[str, int], *, count: int = 60, seed: int = 0) -> float:
    """Return how often the verb's right form is likelier, although the nearest noun asks for other.

    The model reads the beginnings of held-out sentences, and compares two forms of one verb.

    >>> from lessons.families import small_decoder
    >>> from lessons.models import load
    >>> ids = load("decoder", source="book").tokenizer.get_vocab()
    >>> agreeing(small_decoder(len(ids), positions=24), ids) < 0.9
    True
    """
    choices, end = agreement_choices(count, seed=seed), ids["<|endoftext|>"]
    rows = [[end, *(ids[word] for word in start.split())] for start, _, _ in choices]
    ends = torch.tensor([[len(row) - 1] for row in rows])
    forms = torch.tensor([[ids[right], ids[wrong]] for _, right, wrong in choices])
    logits = model(stack([(row, row) for row in rows], filler=end).ids)
    said = torch.take_along_dim(logits, ends[..., None], dim=1)[:, 0].gather(1, forms)
    return (said[:, 0] > said[:, 1]).float().mean().item()


@torch.no_grad()
def skills(model: nn.Module, ids: Mapping[str, int]) -> dict[str, float]:
    """Return three scores of a decoder: old loss in nats, verbs that agree, and words copied.

    Args:
        model: The decoder.
        ids: Its vocabulary.

    >>> from lessons.families import small_decoder
    >>> from lessons.models import load
    >>> ids = load("decoder", source="book").tokenizer.get_vocab()
    >>> list(skills(small_decoder(len(ids), positions=32), ids))
    ['loss', 'agreement', 'copying']
    """
    return {
        "loss": labeled_loss(model, old_texts(ids, "test", 80)).item(),
        "agreement": agreeing(model, ids),
        "copying": copied(model, ids),
    }
