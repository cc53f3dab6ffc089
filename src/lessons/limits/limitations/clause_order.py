"""The order of clauses: the same sentence, its subordinate clause behind the main one or before."""

import dataclasses

from lessons.models.open_english.item import Item

CONJUNCTIONS = ("when", "because")


def clause_first(item: Item) -> Item | None:
    """Return an item whose prompt has the subordinate clause first, or None where that is hard.

    It is easy where the main clause is two names and a verb.

    What is said, and what is asked behind it, stays the same. The places of the words are left
    away, for only the prompt is read.

    Args:
        item: Of the set `gendered names`.

    >>> from lessons.models import english_items
    >>> first = (clause_first(item) for item in english_items("gendered names"))
    >>> next(one.prompt for one in first if one)
    'When she had to move out, Henry called Helen. Her name is'
    """
    sentence, end, asked = item.prompt.partition(".")
    for conjunction in CONJUNCTIONS:
        main, found, clause = sentence.partition(f" {conjunction} ")
        if found and sentence.startswith(item.option_words[0]):
            turned = f"{conjunction.capitalize()} {clause}, {main}{end}{asked}"
            return dataclasses.replace(item, prompt=turned, options=())
    return None
