"""Facts: how sure a language model is of a capital, and of one that nobody ever named.

A model must say something next, whether it has read of the country or whether there is none.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models import Loaded
from lessons.models.judging.open_english_scores import of_one_length

# No atlas has these.
INVENTED = (
    "Zandovia", "Brelland", "Molvaria", "Urmenia", "Pelgaria", "Tavonia", "Lothria", "Grusavia",
    "Valdonia", "Ostravenia", "Karelund", "Drovania", "Frelund", "Tolmeria", "Vestonia", "Quandia",
    "Merovenia", "Sembaria", "Nordavia", "Halvania", "Jorvonia", "Bandrika", "Plomenia", "Kuzbania",
)  # fmt: skip
QUESTION = "Question: What is the capital of {0}?\nAnswer: The capital of {0} is"


@torch.inference_mode()
def likeliest_next(
    loaded: Loaded, prompts: Sequence[str]
) -> tuple[Float[Tensor, " prompts"], list[str]]:
    """Return, for each prompt, the probability of the likeliest next token, and that token.

    Args:
        loaded: A decoder.
        prompts: Texts of any lengths.

    >>> from lessons.models import load
    >>> sure, said = likeliest_next(load("decoder", source="book"), ["the key near the tables"])
    >>> said, bool(0 < sure[0] < 1)
    (['is'], True)
    """
    rows = [loaded.tokenizer(text).input_ids for text in prompts]
    sure, said = torch.zeros(len(rows)), [""] * len(rows)
    for places in of_one_length(rows):
        ids = torch.tensor([rows[at] for at in places])
        chances = loaded.model(ids, logits_to_keep=1).logits[:, -1].softmax(dim=-1)
        best = chances.max(dim=-1)
        sure[places] = best.values.float()
        words = loaded.tokenizer.batch_decode(best.indices[:, None])
        for at, word in zip(places, words, strict=True):
            said[at] = word
    return sure, said
