"""What rounded weights change: the next token's distribution, and whole texts."""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel

from lessons.adaptation import soft_loss
from lessons.models import Loaded
from lessons.practice.three_steps import complete

Model = TypeVar("Model", bound=nn.Module)


@torch.no_grad()
def next_token_logs(
    model: PreTrainedModel, loaded: Loaded, texts: Sequence[str]
) -> Float[Tensor, "tokens vocab"]:
    """Return the logarithm of each next token's probability, at all tokens of the texts.

    Args:
        model: A decoder, perhaps with other weights than the loaded one.
        loaded: Whose tokenizer cuts the texts.
        texts: What the model reads.

    Raises:
        ValueError: There is no text.

    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> next_token_logs(gpt.model, gpt, ["tom thanks mary ."]).exp().sum(dim=-1).round()
    tensor([1., 1., 1., 1.])
    """
    if not texts:
        raise ValueError("there is no text: pass at least one")
    batch = loaded.tokenizer(list(texts), return_tensors="pt", padding=True)
    logs = model(**batch).logits.log_softmax(dim=-1)
    return logs[batch.attention_mask.bool()]


def shaken_like(
    model: Model, other: nn.Module, *, seed: int = 0, shared: int | None = None
) -> Model:
    """Return a copy of the model with noise, of the size by which another's weights differ.

    Args:
        model: What is copied.
        other: The same architecture with other weights. Each matrix gets normal noise with the root
            mean square of its own difference.
        seed: Decides the noise.
        shared: The axis along which a matrix's noise is the same. None: each weight has its own.

    >>> one = nn.Linear(32, 2)
    >>> torch.equal(shaken_like(one, one).weight, one.weight)
    True
    """
    copy, draw = deepcopy(model), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for own, changed in zip(copy.parameters(), other.parameters(), strict=True):
            size = (changed - own).square().mean().sqrt()
            shape = list(own.shape)
            if shared is not None:
                shape[shared] = 1
            own.add_(torch.randn(shape, generator=draw) * size)
    return copy


class Effect(NamedTuple):
    """What other weights change."""

    divergence: float  # the mean one of the next token's distribution, in nats
    kept: float  # the share of greedy texts that are the same, word for word
    texts: list[str]  # the greedy texts
    changed: float  # the share of places at which another token is the likeliest
    perplexity: float  # at the texts that were read


def effect_of(
    model: PreTrainedModel,
    loaded: Loaded,
    read: Sequence[str],
    prompts: Sequence[str],
    *,
    max_new_tokens: int = 12,
) -> Effect:
    """Compare a model of other weights with the loaded one.

    Args:
        model: The same architecture with other weights.
        loaded: The original.
        read: Texts at whose tokens the distributions are compared.
        prompts: What both continue, the likeliest token each time.
        max_new_tokens: By how many tokens.

    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> effect_of(gpt.model, gpt, ["tom thanks mary ."], ["tom thanks"], max_new_tokens=2)[:2]
    (0.0, 1.0)
    """
    own_logs, logs = (next_token_logs(one, loaded, read) for one in (loaded.model, model))
    own, texts = (
        complete(list(prompts), one, loaded.tokenizer, max_new_tokens=max_new_tokens)
        for one in (loaded.model, model)
    )
    kept = sum(one == other for one, other in zip(own, texts, strict=True)) / len(own)
    changed = (logs.argmax(dim=-1) != own_logs.argmax(dim=-1)).double().mean().item()
    divergence = soft_loss(logs, own_logs, temperature=1.0).item()
    return Effect(divergence, kept, texts, changed, _perplexity(logs, loaded, read))


def _perplexity(logs: Float[Tensor, "tokens vocab"], loaded: Loaded, texts: Sequence[str]) -> float:
    """Return the perplexity of texts: the power of e to the mean loss at their next tokens."""
    rows = [loaded.tokenizer(text).input_ids for text in texts]
    following = torch.tensor([token for row in rows for token in [*row[1:], -100]])
    return torch.nn.functional.nll_loss(logs, following).exp().item()


@torch.no_grad()
def margins_where_they_part(
    model: PreTrainedModel, loaded: Loaded, prompts: Sequence[str], texts: Sequence[str]
) -> tuple[Float[Tensor, " parted"], Float[Tensor, " kept"]]:
    """Tell how sure the model was where other texts leave its own, and before.

    Args:
        model: Continues each prompt, taking the likeliest token each time.
        loaded: Whose tokenizer cuts the texts.
        prompts: What both continue.
        texts: Another model's continuation of each prompt.

    Returns:
        The probability of the model's likeliest token less that of the next, at each first token at
        which a text differs, and at all tokens before.

    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> parted, kept = margins_where_they_part(gpt.model, gpt, ["tom thanks"], ["mary ."])
    >>> len(parted) + len(kept) <= 2
    True
    """
    parted, kept = [], []
    for prompt, text in zip(prompts, texts, strict=True):
        begin = len(loaded.tokenizer(prompt).input_ids)
        batch = loaded.tokenizer(f"{prompt} {text}", return_tensors="pt")
        ids = batch.input_ids
        best = model(**batch).logits[0, begin - 1 : -1].softmax(dim=-1).topk(2)
        sure = best.values[:, 0] - best.values[:, 1]
        differs = (best.indices[:, 0] != ids[0, begin:]).nonzero().flatten().tolist()
        first = differs[0] if differs else len(sure)
        kept.append(sure[:first])
        parted.append(sure[first : first + 1])
    return torch.cat(parted), torch.cat(kept)
