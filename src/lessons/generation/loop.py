r"""The loop of generation: guess a token, append it, guess again.

Greedy decoding and sampling are one loop with two ways to choose. Training sees all positions
of a text at once; here each token waits for the one before, whatever the hardware.

References: :cite:t:`holtzman2020`; transformers' `generate` is the tests' oracle.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.generation.sessions import Cached, Writer
from lessons.tensors import widened


@torch.no_grad()
def generate(
    model: Writer,
    prompt: Int[Tensor, "batch tokens"],
    *,
    choose: Callable[[Float[Tensor, "batch vocab"]], Int[Tensor, " batch"]],
    max_new_tokens: int,
    end: int | None = None,
    session: Callable = Cached,
) -> Int[Tensor, "batch new"]:
    """Append tokens to a prompt, one after the other; return the new ones.

    Args:
        model: A decoder-only model, or the reading of an encoder–decoder, whose prompt is the
            start token of the target.
        prompt: The texts to continue, all of one length; shorter ones are padded on the left, and
            :meth:`~lessons.families.decoder_only.DecoderOnly.after_padding` tells the model where.
        choose: From the logits of the next token to the token.
        max_new_tokens: How many new tokens at most; the prompt's don't count.
        end: The token that ends a text. A text that has ended is filled up with it until the
            others of its batch have ended too. None: only the number ends a text.
        session: :class:`~lessons.generation.sessions.Cached`, or
            :class:`~lessons.generation.sessions.Uncached`, which computes everything anew.

    Raises:
        ValueError: The prompt is empty, or the text would exceed the model's positions.

    >>> from torch import nn
    >>> from lessons.families import DecoderOnly, Embedding
    >>> model = DecoderOnly(Embedding(3, 3), [], nn.Identity(), nn.Identity())
    >>> model.embed.tokens.weight.data = torch.eye(3)  # each token is followed by itself
    >>> last = lambda logits: logits.argmax(dim=-1)
    >>> generate(model, torch.tensor([[0, 2]]), choose=last, max_new_tokens=2)
    tensor([[2, 2]])
    """
    running = session(model, capacity_for(model, prompt, max_new_tokens))
    ids, ended = prompt, torch.zeros(len(prompt), dtype=torch.bool, device=prompt.device)
    new: list[Tensor] = []
    while len(new) < max_new_tokens and (end is None or not ended.all()):
        token = choose(running.advance(ids))
        if end is not None:
            token = token.masked_fill(ended, end)
            ended = ended | (token == end)
        new.append(token)
        ids = token[:, None]
    return torch.stack(new, dim=-1)


def capacity_for(model: Writer, prompt: Tensor, max_new_tokens: int) -> int:
    """Return how many tokens the model will have read at the end.

    The last new token is not read any more, for nothing comes after it.

    Raises:
        ValueError: The prompt is empty, there is nothing to generate, or the text would exceed
            the model's positions.
    """
    length = prompt.shape[-1]
    if prompt.numel() == 0:
        raise ValueError("the prompt is empty: pass at least one token, such as a start token")
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens is {max_new_tokens}: pass at least 1")
    if model.positions is not None and length > model.positions:
        raise ValueError(
            f"the prompt has {length} tokens, the model {model.positions} positions: shorten the "
            "prompt"
        )
    capacity = length + max_new_tokens - 1
    if model.positions is not None and capacity > model.positions:
        raise ValueError(
            f"{length} tokens and {max_new_tokens} new ones exceed the model's {model.positions} "
            f"positions: pass max_new_tokens of at most {model.positions - length + 1}"
        )
    return capacity


def greedy(
    model: Writer,
    prompt: Int[Tensor, "batch tokens"],
    *,
    max_new_tokens: int,
    end: int | None = None,
    session: Callable = Cached,
) -> Int[Tensor, "batch new"]:
    """Choose the most probable token at each step; nothing is left to chance.

    The arguments are those of :func:`generate`.

    >>> from torch import nn
    >>> from lessons.families import DecoderOnly, Embedding
    >>> model = DecoderOnly(Embedding(3, 3), [], nn.Identity(), nn.Identity())
    >>> model.embed.tokens.weight.data = torch.eye(3)[[1, 2, 0]]  # the next one, around
    >>> greedy(model, torch.tensor([[1]]), max_new_tokens=4)
    tensor([[2, 0, 1, 2]])
    """
    return generate(
        model,
        prompt,
        choose=lambda logits: logits.argmax(dim=-1),
        max_new_tokens=max_new_tokens,
        end=end,
        session=session,
    )


def sample(
    model: Writer,
    prompt: Int[Tensor, "batch tokens"],
    *,
    max_new_tokens: int,
    generator: torch.Generator,
    filters: Sequence[Callable] = (),
    end: int | None = None,
    session: Callable = Cached,
) -> Int[Tensor, "batch new"]:
    """Draw each token at random, as probable as the filtered logits say.

    The other arguments are those of :func:`generate`.

    Args:
        model: As above.
        prompt: As above.
        max_new_tokens: As above.
        generator: Where the chance comes from.
        filters: Functions from logits to logits, applied in turn, for instance
            `partial(keep_top_p, p=0.9)`.
        end: As above.
        session: As above.

    >>> from functools import partial
    >>> from torch import nn
    >>> from lessons.families import DecoderOnly, Embedding
    >>> from lessons.generation import keep_top_k
    >>> model = DecoderOnly(Embedding(3, 3), [], nn.Identity(), nn.Identity())
    >>> chance = torch.Generator().manual_seed(0)
    >>> sample(model, torch.tensor([[1]]), max_new_tokens=4, generator=chance,
    ...        filters=[partial(keep_top_k, k=2)]).shape
    torch.Size([1, 4])
    """

    def draw(logits: Tensor) -> Tensor:
        logits = widened(logits)
        for apply in filters:
            logits = apply(logits)
        return torch.multinomial(logits.softmax(dim=-1), 1, generator=generator)[:, 0]

    return generate(
        model, prompt, choose=draw, max_new_tokens=max_new_tokens, end=end, session=session
    )
