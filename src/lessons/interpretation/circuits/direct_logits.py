r"""Direct logit attribution: a margin taken apart into what each part of the model wrote for it.

The residual stream is a sum: the embedding, what each head wrote, what each feed-forward network
wrote. The last norm divides it by one number, and the rest of the way to a logit is a product. So
with that number held fast a margin is a sum, too, with one summand for each part:

.. math:: m = \frac{1}{\sigma} \sum_i (w_i - \overline{w_i}) \cdot (g \odot (u_r - u_w))
   + b \cdot (u_r - u_w)

where :math:`w_i` are the parts of the stream, :math:`\sigma` its standard deviation, :math:`g` and
:math:`b` the norm's gain and bias, and :math:`u_r, u_w` the right and the wrong answer's rows of
the unembedding. A part's *direct* effect says nothing of what others make of it.

References: :cite:t:`elhage2021`; :cite:t:`nostalgebraist2020` for the logit lens.
"""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.blocks import EncoderBlock, LayerNorm, record
from lessons.families import DecoderOnly


@torch.no_grad()
def stream_parts(
    model: DecoderOnly, ids: Int[Tensor, "batch tokens"]
) -> dict[str, Float[Tensor, "batch d_model"]]:
    """Return what was written into the residual stream at the last token, part by part.

    The names are "embedding", "0.1" for head 1 of layer 0, "mlp 0" for the layer's feed-forward
    network, and "bias 0" for the bias behind its heads. All parts together are the stream.

    Args:
        model: A decoder whose blocks are pre-norm, such as GPT-2.
        ids: Texts of one length.

    >>> from lessons.families import from_transformers
    >>> from lessons.models import load
    >>> model = from_transformers(load("decoder", source="book").model)
    >>> parts = stream_parts(model, torch.tensor([[2, 9, 5]]))
    >>> last = model.stream(torch.tensor([[2, 9, 5]]))[:, -1]
    >>> torch.allclose(sum(parts.values()), last, atol=1e-5)
    True
    """
    with record(model) as seen:
        model(ids)
    parts = {"embedding": seen["embedded"][:, -1]}
    for number, layer in enumerate(model.layers):
        mixed = seen[f"layers.{number}.attention.mixed"][:, :, -1]
        output = cast(EncoderBlock, layer).attention.to_output
        slices = output.weight.unflatten(1, (mixed.shape[1], -1)).unbind(dim=1)
        for head, matrix in enumerate(slices):
            parts[f"{number}.{head}"] = mixed[:, head] @ matrix.T
        if output.bias is not None:
            parts[f"bias {number}"] = output.bias.expand(len(ids), -1)
        after, before = (seen[f"layers.{number}.{place}"] for place in ("out", "attended"))
        parts[f"mlp {number}"] = (after - before)[:, -1]
    return parts


@torch.no_grad()
def direct_margins(
    model: DecoderOnly,
    ids: Int[Tensor, "batch tokens"],
    right: Int[Tensor, " batch"],
    wrong: Int[Tensor, " batch"],
) -> dict[str, Float[Tensor, " batch"]]:
    """Return what each part of the stream adds to the margin between two answers.

    The names are those of :func:`stream_parts`, and "bias" for the last norm's. All together are
    the margin.

    Args:
        model: A decoder whose blocks are pre-norm and whose last norm is a LayerNorm.
        ids: Texts of one length.
        right: The token whose logit counts for it.
        wrong: The token whose logit counts against it.

    Raises:
        ValueError: The last norm is no LayerNorm.

    Source: :cite:t:`elhage2021`.

    >>> from lessons.families import from_transformers
    >>> from lessons.models import load
    >>> model, one = from_transformers(load("decoder", source="book").model), torch.tensor([7])
    >>> added = direct_margins(model, torch.tensor([[2, 9, 5]]), one, one + 1)
    >>> logits = model(torch.tensor([[2, 9, 5]]))[0, -1]
    >>> torch.allclose(sum(added.values()), logits[7] - logits[8], atol=1e-4)
    True
    """
    norm = model.norm
    if not isinstance(norm, LayerNorm):
        raise ValueError("the last norm is no LayerNorm: pass a GPT-2")
    parts = stream_parts(model, ids)
    stream = torch.stack(list(parts.values())).sum(dim=0)
    sigma = (stream.var(dim=-1, correction=0, keepdim=True) + norm.epsilon).sqrt()
    rows = cast(nn.Linear, model.unembed).weight
    toward = rows[right] - rows[wrong]
    added = {
        name: ((part - part.mean(dim=-1, keepdim=True)) / sigma * norm.gain * toward).sum(dim=-1)
        for name, part in parts.items()
    }
    return added | {"bias": toward @ norm.bias}


@torch.no_grad()
def logit_lens(
    model: DecoderOnly, stream: Float[Tensor, "*batch d_model"]
) -> Float[Tensor, "*batch vocab"]:
    """Read the residual stream of any layer with the output layer, as if it were finished.

    Source: :cite:t:`nostalgebraist2020`.

    >>> from torch import nn
    >>> model = DecoderOnly(nn.Embedding(5, 4), [], nn.Identity(), nn.Linear(4, 5))
    >>> logit_lens(model, torch.zeros(3, 4)).shape
    torch.Size([3, 5])
    """
    return model.unembed(model.norm(stream))
