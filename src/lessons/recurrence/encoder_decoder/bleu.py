r"""BLEU: how many runs of words a translation shares with a reference. A metric, not a loss."""

import math
from collections import Counter
from collections.abc import Sequence


def ngrams(words: Sequence[str], n: int) -> Counter:
    """Count the runs of `n` words.

    >>> ngrams(["le", "chat", "le"], 1)["le",]
    2
    """
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def clipped_precision(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[str]], n: int
) -> float:
    r"""Return the share of the candidates' n-grams that the references have too.

    .. math:: p_n = \frac{\sum_g \min(\text{count}_\text{candidate}(g),
        \text{count}_\text{reference}(g))}{\sum_g \text{count}_\text{candidate}(g)}

    Args:
        candidates: What was written, sentence by sentence.
        references: What would have been right, one for each.
        n: The words in a run.

    Source: :cite:t:`papineni2002`, section 2.1.

    >>> clipped_precision([["le", "le", "le"]], [["le", "chat"]], n=1)
    0.3333333333333333
    """
    shared = total = 0
    for candidate, reference in zip(candidates, references, strict=True):
        counted = ngrams(candidate, n)
        shared += (counted & ngrams(reference, n)).total()
        total += counted.total()
    return shared / total if total else 0.0


def bleu(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[str]], *, longest: int = 4
) -> float:
    r"""Return the BLEU of a set of translations, from 0 to 1, with one reference each.

    .. math:: \text{BLEU} = \min\bigl(1, e^{1 - r / c}\bigr)
        \exp\Bigl(\tfrac{1}{N} \sum_{n=1}^{N} \ln p_n\Bigr)

    Here :math:`c` is the number of words written and :math:`r` that of the references. If no run
    of some length is shared, the result is 0.

    Args:
        candidates: What was written, sentence by sentence.
        references: What would have been right, one for each.
        longest: :math:`N`, the words in the longest runs.

    Raises:
        ValueError: There are not as many candidates as references, or there is none.

    Source: :cite:t:`papineni2002`, section 2.3.

    >>> bleu([["le", "chat", "noir", "dort"]], [["le", "chat", "noir", "dort"]])
    1.0
    """
    if not candidates or len(candidates) != len(references):
        raise ValueError(
            f"{len(candidates)} candidates and {len(references)} references: pass one reference "
            "for each candidate, and at least one"
        )
    precisions = [clipped_precision(candidates, references, n) for n in range(1, longest + 1)]
    if min(precisions) == 0:
        return 0.0
    written, right = sum(map(len, candidates)), sum(map(len, references))
    brevity = min(1.0, math.exp(1 - right / written))
    return brevity * math.exp(sum(map(math.log, precisions)) / longest)
