r"""Word senses: how far context moves a word's vector toward the sense that is meant.

Vectors of one word are collected, layer by layer, from sentences that show one sense, and
from sentences that show another. A vector *leans* toward the sense whose mean it is nearer to.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models import Loaded


@torch.no_grad()
def word_vectors(
    loaded: Loaded, sentence: str, word: str
) -> Float[Tensor, "occurrences layers d_model"]:
    """Return the vectors of each occurrence of a word, before the first layer and after each.

    Args:
        loaded: An encoder.
        sentence: What it reads.
        word: One token of its vocabulary.

    Raises:
        ValueError: The word does not occur as a token of the sentence.
    """
    batch = loaded.tokenizer(sentence, return_tensors="pt")
    tokens = loaded.tokenizer.convert_ids_to_tokens(batch.input_ids[0])
    places = [place for place, token in enumerate(tokens) if token == word]
    if not places:
        raise ValueError(f"{word!r} is none of the tokens {tokens}: pass one of them")
    layers = loaded.model(**batch, output_hidden_states=True).hidden_states
    return torch.stack(layers, dim=2)[0, places]


def sense_vector(
    loaded: Loaded, sentences: Sequence[str], word: str
) -> Float[Tensor, "layers d_model"]:
    """Return the mean of a word's vectors over sentences that all show the same sense.

    Args:
        loaded: An encoder.
        sentences: Sentences in which the word has this sense.
        word: One token of its vocabulary.

    Raises:
        ValueError: There is no sentence, or the word does not occur in one.
    """
    if not sentences:
        raise ValueError("there is no sentence: pass at least one that shows the sense")
    return torch.cat([word_vectors(loaded, one, word) for one in sentences]).mean(dim=0)


def leaning(
    vectors: Float[Tensor, "*batch d_model"],
    toward: Float[Tensor, "*#batch d_model"],
    against: Float[Tensor, "*#batch d_model"],
) -> Float[Tensor, "*batch"]:
    r"""Return how much nearer vectors are to one sense than to the other.

    .. math:: \cos(x, s_1) - \cos(x, s_2)

    Positive: nearer to `toward`. Only the difference of two cosines means something here: in
    a trained model all vectors point in similar directions, so that every cosine is high
    :cite:p:`ethayarajh2019`.

    >>> river, money = torch.eye(2)
    >>> leaning(river, toward=river, against=money)
    tensor(1.)
    """
    cosine = torch.nn.functional.cosine_similarity
    return cosine(vectors, toward, dim=-1) - cosine(vectors, against, dim=-1)
