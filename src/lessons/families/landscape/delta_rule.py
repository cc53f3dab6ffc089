r"""The gated delta rule: a table of one size that forgets, and writes over what it holds.

Linear attention adds :math:`k^\top v` to its table for each token, so a key that comes again finds
both values. The delta rule first reads what stands under the key, and adds the difference only.
A gate lets the whole table fade before.

References: :cite:t:`yang2025`; transformers' Qwen3-Next is the tests' oracle.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def delta_step(
    state: Float[Tensor, "*batch d_head d_value"],
    key: Float[Tensor, "*batch d_head"],
    value: Float[Tensor, "*batch d_value"],
    *,
    keep: Float[Tensor, "*#batch"],
    rate: Float[Tensor, "*#batch"],
) -> Float[Tensor, "*batch d_head d_value"]:
    r"""Let the table fade, then move what stands under a key toward its value.

    .. math:: S \leftarrow \alpha S + \beta\, k^\top (v - k\, \alpha S)

    Args:
        state: The table.
        key: Where to write; of length 1.
        value: What to write.
        keep: The share of the table that is kept, :math:`\alpha`, from 0 to 1.
        rate: How far to go to the value, :math:`\beta`, from 0 to 1.

    Source: :cite:t:`yang2025`, section 3.1; :cite:t:`schlag2021` for the rule without the gate.

    >>> one, key = torch.tensor(1.0), torch.tensor([1.0, 0.0])
    >>> state = delta_step(torch.zeros(2, 1), key, torch.tensor([5.0]), keep=one, rate=one)
    >>> delta_step(state, key, torch.tensor([7.0]), keep=one, rate=one)
    tensor([[7.],
            [0.]])
    """
    faded = keep[..., None, None] * state
    missing = value - (key[..., None, :] @ faded)[..., 0, :]
    return faded + rate[..., None, None] * key[..., :, None] * missing[..., None, :]


def adding_step(
    state: Float[Tensor, "*batch d_head d_value"],
    key: Float[Tensor, "*batch d_head"],
    value: Float[Tensor, "*batch d_value"],
) -> Float[Tensor, "*batch d_head d_value"]:
    r"""Add a pair to the table, as linear attention does: :math:`S \leftarrow S + k^\top v`.

    Source: :cite:t:`katharopoulos2020`, equation 18.

    >>> adding_step(torch.ones(2, 1), torch.tensor([1.0, 0.0]), torch.tensor([5.0]))
    tensor([[6.],
            [1.]])
    """
    return state + key[..., :, None] * value[..., None, :]


def delta_recurrence(
    query: Float[Tensor, "*batch tokens d_head"],
    key: Float[Tensor, "*batch tokens d_head"],
    value: Float[Tensor, "*batch tokens d_value"],
    *,
    keep: Float[Tensor, "*batch tokens"],
    rate: Float[Tensor, "*batch tokens"],
) -> Float[Tensor, "*batch tokens d_value"]:
    r"""Write each token's pair, then read with its query: :math:`y_t = q_t S_t`.

    Source: :cite:t:`yang2025`, section 3.1.

    >>> one = torch.ones(1, 2)
    >>> delta_recurrence(one[..., None], one[..., None], torch.tensor([[[3.0], [4.0]]]),
    ...                  keep=one, rate=one)[0, :, 0]
    tensor([3., 4.])
    """
    state = value.new_zeros(*key.shape[:-2], key.shape[-1], value.shape[-1])
    read = []
    for t in range(key.shape[-2]):
        state = delta_step(
            state, key[..., t, :], value[..., t, :], keep=keep[..., t], rate=rate[..., t]
        )
        read.append((query[..., t, None, :] @ state)[..., 0, :])
    return torch.stack(read, dim=-2) if read else value.clone()
