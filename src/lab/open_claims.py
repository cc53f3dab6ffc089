"""Step 5 for pretrained models: claims tested on sentences of open English.

Templates know the truth of these sentences as the grammar knows that of its own; see
``lessons.models.open_english``. A head *looks* when it gives the right place more than each
other option, more often than any rule that counts places. A decoder also has answers: the next
word, the right one against a wrong one. An encoder without a head that predicts words has none, so
whether a head of it is needed can't be asked.
"""

import itertools

from lessons.models import Loaded, english_items
from lessons.models.judging.model_scores import Score
from lessons.models.judging.open_english_scores import looks_right, score_looking
from lessons.models.open_english.item import Item

ITEMS = 80
# What is claimed, the set that decides it, and which models it can be asked.
SETS = {
    "resolves pronouns": ("schemas", ("encoder", "decoder")),
    "resolves he and she": ("gendered names", ("encoder", "decoder")),
    "finds the subject": ("agreement", ("decoder",)),
    "continues a repetition": ("repeated lists", ("decoder",)),
}


def open_items(behavior: str) -> list[Item]:
    """Return the items that decide a claim about a pretrained model.

    >>> open_items("finds the subject")[0].asked_word
    'is'
    """
    return english_items(SETS[behavior][0], count=ITEMS)[:ITEMS]


def looks(loaded: Loaded, behavior: str) -> dict[tuple[int, int], Score]:
    """Return, for each head, how often it looks right, beside the best rule."""
    items = open_items(behavior)
    right = looks_right(loaded, items)
    layers, heads = right.shape[1:]
    return {
        head: score_looking("looks", right, items, head)
        for head in itertools.product(range(layers), range(heads))
    }
