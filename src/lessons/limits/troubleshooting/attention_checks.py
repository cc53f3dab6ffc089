r"""Four diagnostics that read what passes inside attention, without any training.

Each tests one property at the place where it is made, not in what comes out at the end:
there, several faults look alike. They examine a :class:`~lessons.limits.patient.Patient`, or what
else reads letters and has the probes of :class:`~lessons.blocks.attention_layer.Attention`.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.blocks import record
from lessons.limits.saying_again import LETTERS, draw_texts
from lessons.limits.troubleshooting.finding import Finding

TOLERANCE = 1e-4  # float32 rounds sums of weights to about 1e-7


def reads_the_future(model: nn.Module, *, seed: int = 0) -> Finding:
    r"""Say whether a token gives weight to a token after it: the mask leaks.

    .. math:: w_{ij} = 0 \quad\text{for}\quad j > i

    >>> from lessons.limits import Parts, Patient
    >>> reads_the_future(Patient(Parts())).sentence
    'no token gives any weight to a later one'
    """
    weights, real = _recorded(model, "weights", seed)
    tokens = weights.shape[-1]
    future = torch.ones(tokens, tokens, dtype=torch.bool).triu(diagonal=1)
    found = (weights * (future & real)).amax().item()
    if found > TOLERANCE:
        return Finding(True, f"a token gives up to {found:.2f} to a later one: the mask leaks")
    return Finding(False, "no token gives any weight to a later one")


def rows_miss_one(model: nn.Module, *, seed: int = 0) -> Finding:
    r"""Say whether weights do not sum to one over the keys: the softmax has the wrong axis.

    .. math:: \sum_j w_{ij} = 1 \quad\text{for each query } i

    >>> from lessons.limits import Parts, Patient
    >>> rows_miss_one(Patient(Parts())).sentence
    'the weights of each token sum to 1 over the keys'
    """
    weights, real = _recorded(model, "weights", seed)
    sums = weights.sum(dim=-1, keepdim=True)[real.expand(*weights.shape[:-1], 1)]
    low, high = sums.min().item(), sums.max().item()
    if max(1 - low, high - 1) > TOLERANCE:
        return Finding(
            True, f"row sums over the keys are {low:.2f} to {high:.2f}, not 1: the softmax's axis"
        )
    return Finding(False, "the weights of each token sum to 1 over the keys")


def scores_miss_scale(model: nn.Module, *, seed: int = 0) -> Finding:
    r"""Say whether scores are not :math:`q \cdot k / \sqrt{d_\text{head}}`.

    The factor is the slope of the model's scores over those computed from its own queries and
    keys; so it does not depend on how large these are.

    >>> from lessons.limits import Parts, Patient
    >>> scores_miss_scale(Patient(Parts())).sentence
    'scores are 1.00 times q·k/√d_head'
    """
    slopes = []
    with torch.no_grad(), record(model) as seen:
        model(*draw_texts(torch.Generator().manual_seed(seed), texts=8))
    for name in (name for name in seen if name.endswith(".scores")):
        query, key = (seen[name.replace("scores", part)] for part in ("query", "key"))
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], dim=-3)  # grouped queries
        expected = query @ key.mT / query.shape[-1] ** 0.5
        slopes.append(((seen[name] * expected).sum() / expected.square().sum()).item())
    slope = max(slopes, key=lambda value: abs(value - 1))
    wrong = abs(slope - 1) > 1e-3
    return Finding(wrong, f"scores are {slope:.2f} times q·k/√d_head" + (": the scale" * wrong))


def heeds_padding(model: nn.Module, *, seed: int = 0) -> Finding:
    """Say whether outputs change with what the padding holds, and with how much there is.

    >>> from lessons.limits import Parts, Patient
    >>> heeds_padding(Patient(Parts())).sentence
    'other and more padding changes no logit'
    """
    generator = torch.Generator().manual_seed(seed)
    ids, padding = draw_texts(generator, texts=8)
    more = torch.randint(0, LETTERS + 1, (8, 3), generator=generator)
    longer = torch.cat([more, ids], dim=1)
    filler = torch.randint(0, LETTERS + 1, longer.shape, generator=generator)
    real = torch.arange(longer.shape[1]) >= (padding + 3)[:, None]
    with torch.no_grad():
        before = model(ids, padding)
        after = model(longer.where(real, filler), padding + 3)[:, 3:]
    change = (after - before)[real[:, 3:]].abs().max().item()
    if change > TOLERANCE * before.abs().max().item():
        return Finding(
            True,
            f"other padding moves the logits by up to {change:.2g}: it is read, or shifts the text",
        )
    return Finding(False, "other and more padding changes no logit")


@torch.no_grad()
def _recorded(
    model: nn.Module, probe: str, seed: int
) -> tuple[Float[Tensor, "layers batch heads queries keys"], Bool[Tensor, "batch 1 queries 1"]]:
    """Return what passes a probe of all layers, and which queries are no padding."""
    ids, padding = draw_texts(torch.Generator().manual_seed(seed), texts=8)
    with record(model) as seen:
        model(ids, padding)
    found = torch.stack([seen[name] for name in seen if name.endswith(f".{probe}")])
    real = torch.arange(ids.shape[1]) >= padding[:, None]
    return found, real[:, None, :, None]
