r"""A task to fine-tune for: is the subject one, or are they many? Attractors lead astray."""

import random
from functools import cache

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from lessons.adaptation.fine_tuning.chats import chat_text
from lessons.adaptation.labeled_text import Labeled, stack
from lessons.families.objectives import IGNORED
from lessons.models.grammar import agreement, sentence


@cache
def number_questions(
    split: str, count: int, *, misleading: bool = True, seed: int = 0
) -> tuple[tuple[str, str], ...]:
    """Draw subjects with the answer `is` or `are`, by their number.

    Each is the beginning of a sentence, up to its verb.

    Args:
        split: `train`, or `test` with other pairs of nouns.
        count: How many.
        misleading: Whether the noun at the end has the other number, or the subject's.
        seed: Decides which.

    >>> number_questions("train", 1)[0]
    ('the street that hears the trophies', 'is')
    """
    rng = random.Random(f"number/{split}/{seed}")
    asked: list[tuple[str, str]] = []
    while len(asked) < count:
        drawn = sentence("agreement", split, rng)
        if agreement.has_attractor(drawn) == misleading:
            verb, subject = drawn.subjects[-1]
            plural = agreement.number(drawn.tokens[subject]) == "plural"
            asked.append((" ".join(drawn.tokens[:verb]), "are" if plural else "is"))
    return tuple(asked)


def question_texts(
    tokenizer: PreTrainedTokenizerBase,
    split: str,
    count: int,
    *,
    masked: bool = True,
    misleading: bool = True,
    seed: int = 0,
) -> Labeled:
    """Return questions and answers as texts by the tokenizer's chat template.

    Args:
        tokenizer: The book's decoder's, with a chat template.
        split: `train` or `test`.
        count: How many.
        masked: Whether only the answers are scored.
        misleading: Whether the noun at the end has the other number, or the subject's.
        seed: Decides which.

    >>> from lessons.adaptation import answering
    >>> from lessons.models import load
    >>> tokenizer = answering(load("decoder", source="book").tokenizer)
    >>> len(question_texts(tokenizer, "train", 4).ids)
    4
    """
    drawn = number_questions(split, count, misleading=misleading, seed=seed)
    texts = [chat_text(tokenizer, question, answer, masked=masked) for question, answer in drawn]
    return stack(texts, filler=tokenizer.eos_token_id)


@torch.no_grad()
def answers_right(model: nn.Module, texts: Labeled) -> float:
    """Return how often the first labeled token of a text is the model's first choice.

    Args:
        model: A decoder that returns logits.
        texts: Texts whose prompts are masked.

    >>> always_two = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0.0, 1.0]] * 3))
    >>> answers_right(always_two, Labeled(torch.tensor([[0, 2]]), torch.tensor([[-100, 2]])))
    1.0
    """
    wanted = texts.labels[:, 1:]
    first = (wanted != IGNORED).int().argmax(dim=1, keepdim=True)
    chosen = model(texts.ids)[:, :-1].argmax(dim=-1)
    return (chosen.gather(1, first) == wanted.gather(1, first)).float().mean().item()
