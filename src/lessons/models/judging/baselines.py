"""What simple rules reach, so that a model's score means something."""

import functools
import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from lessons.models.grammar import Sentence, Translation, finish, lexicon, translation


def noun_baselines(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Return how often the nearest and the first noun (or name) before a pronoun is meant."""
    nearest = first = 0
    for one in sentences:
        pronoun, antecedent = one.antecedents[-1]
        places = [i for i in range(pronoun)
                  if one.tokens[i] in lexicon.LEMMAS or one.tokens[i] in lexicon.NAMES]  # fmt: skip
        nearest += places[-1] == antecedent
        first += places[0] == antecedent
    return {"nearest noun": nearest / len(sentences), "first noun": first / len(sentences)}


def diagonal(sentences: Sequence[Translation]) -> float:
    """Return how many content words the rule "same relative place" aligns."""
    shares = []
    for one in sentences:
        slope = len(one.source.tokens) / len(one.target)
        shares.append(sum(int((t + 0.5) * slope) == s for t, s in one.content) / len(one.content))
    return sum(shares) / len(shares)


@functools.cache
def dictionary(draws: int = 3000) -> dict[str, str]:
    """Return each English word's most frequent French one in aligned training sentences."""
    rng = random.Random("dictionary")
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for at in range(draws):
        one = finish(translation(("winograd", "people", "plain")[at % 3], "train", rng))
        for t, s in one.alignment:
            seen[one.source.tokens[s]][one.target[t]] += 1
    return {word: found.most_common(1)[0][0] for word, found in seen.items()}


def word_by_word(source: Sentence) -> str:
    """Translate each word by its most frequent French one, in English order."""
    return " ".join(dictionary().get(word, word) for word in source.tokens)
