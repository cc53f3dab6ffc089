r"""Behavior: what a model answers, as a number that ablation and patching can move.

A margin is the logit of the right answer minus that of the best wrong one. Above zero the model
is right; how far above says how sure it is, which a share of right answers doesn't show.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lessons.interpretation.truth import other_noun_links, pronoun_links
from lessons.models.grammar import Sentence
from lessons.models.judging.measure import agreement_hits
from lessons.models.loading.loader import Loaded


@torch.no_grad()
def antecedent_margins(loaded: Loaded, sentences: Sequence[Sentence]) -> Float[Tensor, " batch"]:
    """Return, for each sentence, how far the encoder prefers the antecedent over other nouns.

    The book's encoder was also trained to name, at a pronoun, the word that it stands for.

    Args:
        loaded: The book's encoder.
        sentences: Each with a pronoun, and with at least two nouns or names before it.

    Raises:
        ValueError: There is no sentence.

    >>> from lessons.models import load
    >>> words = tuple("the trophy does not fit in the suitcase because it is too small .".split())
    >>> one = Sentence(words, "winograd", antecedents=((9, 7),))
    >>> bool(antecedent_margins(load("encoder", source="book"), [one]) > 0)
    True
    """
    if not sentences:
        raise ValueError("there is no sentence: pass at least one with a pronoun")
    batch = loaded.tokenizer([one.text for one in sentences], padding=True, return_tensors="pt")
    logits, ids = loaded.model(**batch).logits, batch.input_ids
    margins = []
    for row, one in enumerate(sentences):
        [(pronoun, antecedent)] = pronoun_links(one)
        others = [place for _, place in other_noun_links(one)]
        said = logits[row, pronoun]
        margins.append(said[ids[row, antecedent]] - said[ids[row, others]].max())
    return torch.stack(margins)


def antecedents_right(loaded: Loaded, sentences: Sequence[Sentence]) -> Bool[Tensor, " batch"]:
    """Say, for each sentence, whether the encoder prefers the antecedent.

    >>> from lessons.models import load
    >>> words = tuple("the trophy does not fit in the suitcase because it is too small .".split())
    >>> one = Sentence(words, "winograd", antecedents=((9, 7),))
    >>> antecedents_right(load("encoder", source="book"), [one])
    tensor([True])
    """
    return antecedent_margins(loaded, sentences) > 0


def verbs_right(loaded: Loaded, sentences: Sequence[Sentence]) -> Bool[Tensor, " batch"]:
    """Say, for each sentence, whether the decoder prefers the main verb's right form.

    >>> from lessons.models import load
    >>> words = ("the", "keys", "near", "the", "table", "are")
    >>> one = Sentence(words, "agreement", subjects=((5, 1),))
    >>> verbs_right(load("decoder", source="book"), [one])
    tensor([True])
    """
    return torch.tensor(agreement_hits(loaded, sentences))


def logit_margins(
    logits: Float[Tensor, "batch vocab"],
    right: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
) -> Float[Tensor, " batch"]:
    """Return how far one token's logit is above another's, text by text.

    >>> logit_margins(torch.tensor([[1.0, 4.0, 2.0]]), torch.tensor([1]), torch.tensor([2]))
    tensor([2.])
    """
    return (logits.gather(-1, right[:, None]) - logits.gather(-1, wrong[:, None]))[:, 0]


@torch.no_grad()
def mean_margin(
    model: nn.Module,
    ids: Int[Tensor, "batch tokens"],
    right: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
) -> float:
    """Return how far a decoder prefers one next token over another, as the mean over texts.

    Args:
        model: A decoder of transformers.
        ids: Texts of one length.
        right: The token whose logit counts for it.
        wrong: The token whose logit counts against it.

    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> text, are, is_ = (decoder.tokenizer(words, return_tensors="pt").input_ids
    ...                   for words in ("the keys near the table", "are", "is"))
    >>> mean_margin(decoder.model, text, are[0], is_[0]) > 0
    True
    """
    return logit_margins(model(ids).logits[:, -1], right, wrong).mean().item()
