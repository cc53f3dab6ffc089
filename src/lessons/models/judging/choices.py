"""Which form of the verb does a model prefer? Sentences with a right and a wrong continuation."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

from lessons.models.grammar import Sentence, agreement
from lessons.models.grammar.draws import draw_sentences
from lessons.models.texts.agreement_text import END

Choice = tuple[str, str, str]  # a beginning, the verb form that is right, the one that is wrong


def agreement_choices(
    count: int, *, seed: int = 0, keep: Callable[[Sentence], bool] = bool
) -> list[Choice]:
    """Draw held-out beginnings whose nearest noun has the other number than the subject.

    Each comes with the right and the wrong form of the verb that follows.

    Args:
        count: How many.
        seed: Decides which.
        keep: Says which sentences count.

    >>> agreement_choices(1)
    [('the forests that the red knife hears', 'sleep', 'sleeps')]
    """
    drawn = draw_sentences(
        "agreement",
        "test",
        count,
        seed,
        keep=lambda one: agreement.has_attractor(one) and keep(one),
    )
    verbs = [one.subjects[-1][0] for one in drawn]
    return [
        (" ".join(one.tokens[:verb]), one.tokens[verb], agreement.other_form(one.tokens[verb]))
        for one, verb in zip(drawn, verbs, strict=True)
    ]


@torch.no_grad()
def choices_right(model: nn.Module, choices: Sequence[Choice], ids: Mapping[str, int]) -> float:
    """Return how often a decoder finds the right form of the verb likelier than the wrong one.

    Each beginning stands after the token that ends the sentence before.

    Raises:
        ValueError: There is no choice.

    >>> ids = {"<end>": 0, "mice": 1, "sleep": 2, "sleeps": 3}
    >>> always = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0.0, 1.0, 0.0]] * 4))
    >>> choices_right(always, [("mice", "sleep", "sleeps")], ids)
    1.0
    """
    if not choices:
        raise ValueError("there are no choices: pass at least one")
    hits = 0
    for beginning, right, wrong in choices:
        row = torch.tensor([[ids[END], *(ids[word] for word in beginning.split())]])
        logits = model(row)[0, -1]
        hits += bool(logits[ids[right]] > logits[ids[wrong]])
    return hits / len(choices)
