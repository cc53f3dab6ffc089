r"""Word senses: how far context moves a word's vector toward the sense that is meant.

Vectors of one word are collected, layer by layer, from sentences that show one sense, and
from sentences that show another. A vector *leans* toward the sense whose mean it is nearer to.
"""

from collections.abc import Sequence
from functools import partial

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

    Positive: nearer to `toward`. Zero is not neutral: a word may be nearer to one of two senses
    wherever it stands. Compare with the same word in a neutral place.

    >>> river, money = torch.eye(2)
    >>> leaning(river, toward=river, against=money)
    tensor(1.)
    """
    cosine = torch.nn.functional.cosine_similarity
    return cosine(vectors, toward, dim=-1) - cosine(vectors, against, dim=-1)


def leaning_in_frames(
    loaded: Loaded,
    frame: str,
    first: Sequence[str],
    second: Sequence[str],
    word: str,
    senses: tuple[Float[Tensor, "layers d_model"], Float[Tensor, "layers d_model"]],
) -> Float[Tensor, "occurrences layers"]:
    """Return how a word leans in a sentence with two blanks, as the mean over what fills them.

    Only the fillers change: the word's places and the rest of the sentence stay the same.

    Args:
        loaded: An encoder.
        frame: A sentence with two blanks, `{}`.
        first: What may fill the first blank, one token each.
        second: What may fill the second.
        word: The word, one token of the vocabulary.
        senses: Which sense counts as positive, and which as negative.

    Raises:
        ValueError: There is no filler, or the word does not occur.
    """
    if not first or not second:
        raise ValueError("a blank has no filler: pass at least one for each")
    sentences = [frame.format(one, other) for one in first for other in second]
    vectors = torch.stack([word_vectors(loaded, one, word) for one in sentences])
    return leaning(vectors, *senses).mean(dim=0)


def moved_by_fillers(
    loaded: Loaded,
    frame: str,
    fillers: Sequence[Sequence[str]],
    word: str,
    senses: tuple[Float[Tensor, "layers d_model"], Float[Tensor, "layers d_model"]],
) -> Float[Tensor, "occurrences 2 layers"]:
    """Return how far a word's leaning moves when one blank's fillers go from sense to sense.

    Entry (0, 1) belongs to the first occurrence and the second blank. The other blank holds
    fillers of neither sense.

    Args:
        loaded: An encoder.
        frame: A sentence with two blanks, `{}`.
        fillers: Three lists of words: of the positive sense, of neither, of the negative one.
        word: The word, one token of the vocabulary.
        senses: Which sense counts as positive, and which as negative.
    """
    lean = partial(leaning_in_frames, loaded, frame, word=word, senses=senses)
    positive, neither, negative = fillers
    by_first = lean(positive, neither) - lean(negative, neither)
    by_second = lean(neither, positive) - lean(neither, negative)
    return torch.stack([by_first, by_second], dim=1)
