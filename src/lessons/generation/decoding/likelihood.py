r"""Likelihood: how probable a model finds a text, in one pass.

Decoding writes a text; this reads one that is there. All its tokens are known, so no step has to
wait for another, as in training.

Reference: :cite:t:`holtzman2020`, section 4, who compare the probabilities of human and of decoded
texts.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from lessons.families import DecoderOnly
from lessons.tensors import widened


@torch.no_grad()
def log_probability(
    model: DecoderOnly, prompt: Int[Tensor, "1 tokens"], new: Sequence[int]
) -> float:
    r"""Return the logarithm, in nats, of the probability that a prompt is continued like this.

    .. math:: \ln p(y) = \sum_{t=1}^n \ln p(y_t \mid y_{<t})

    Args:
        model: A decoder-only model.
        prompt: What comes before, at least one token.
        new: The tokens that continue it; their probability is returned.

    Raises:
        ValueError: The prompt or the continuation is empty.

    >>> from torch import nn
    >>> from lessons.families import Embedding
    >>> model = DecoderOnly(Embedding(2, 2), [], nn.Identity(), nn.Identity())
    >>> model.embed.tokens.weight.data = torch.tensor([[0.75, 0.25], [0.5, 0.5]]).log()
    >>> round(2.718282 ** log_probability(model, torch.tensor([[0]]), [1, 0]), 3)
    0.125
    """
    if prompt.numel() == 0 or not len(new):
        raise ValueError("the prompt or the continuation is empty: pass at least one token of each")
    known = torch.cat([prompt, prompt.new_tensor([list(new)])], dim=-1)
    # What the model says at a position is about the token after it.
    said = widened(model(known[:, :-1])).log_softmax(dim=-1)[0, prompt.shape[-1] - 1 :]
    return said.gather(-1, known[0, prompt.shape[-1] :, None]).sum().item()
