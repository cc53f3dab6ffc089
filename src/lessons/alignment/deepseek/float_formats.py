r"""Numbers in eight bits: how they are rounded, and what a scale for each block saves.

A floating-point number has a sign, an exponent, which says between which powers of two it lies,
and a mantissa, which says where. In eight bits there are four of the one and three of the other
(e4m3), or five and two (e5m2).

References: :cite:t:`micikevicius2022`; :cite:t:`deepseekv3`, section 3.3; torch's own types of
eight bits are the tests' oracle.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class FloatFormat(NamedTuple):
    """A format: the bits of its mantissa, its smallest exponent, and its largest number."""

    mantissa: int
    lowest: int
    largest: float


def rounded(x: Float[Tensor, "*any"], to: FloatFormat) -> Float[Tensor, "*any"]:
    r"""Round numbers to the nearest ones of a format; what is too large becomes the largest.

    .. math:: s \cdot \operatorname{round}(x / s), \qquad
        s = 2^{\max(\lfloor \log_2 |x| \rfloor,\, e_\text{min}) - m}

    Args:
        x: Numbers of a wider type.
        to: The format, such as :func:`e4m3`.

    Source: :cite:t:`micikevicius2022`, section 3; that large numbers stop at the largest is how
        :cite:t:`deepseekv3` uses the format, after scaling.

    >>> rounded(torch.tensor([1.0, 1.07, 17.0, 1000.0]), e4m3())
    tensor([  1.0000,   1.1250,  16.0000, 448.0000])
    """
    _, above = torch.frexp(x)  # |x| lies between 2 ** (above - 1) and 2 ** above
    exponent = (above - 1).clamp(min=to.lowest) - to.mantissa
    step = torch.ldexp(torch.ones_like(x), exponent)
    return ((x / step).round() * step).clamp(-to.largest, to.largest)


def e4m3() -> FloatFormat:
    """Return the format with four bits of exponent, which DeepSeek-V3 uses throughout.

    >>> e4m3().largest
    448.0
    """
    return FloatFormat(mantissa=3, lowest=-6, largest=448.0)


def e5m2() -> FloatFormat:
    """Return the format with five bits of exponent: more range, larger steps.

    >>> e5m2().largest
    57344.0
    """
    return FloatFormat(mantissa=2, lowest=-14, largest=57344.0)


def int8() -> FloatFormat:
    """Return whole numbers from −127 to 127, as a format: one exponent, and so one step for all.

    >>> rounded(torch.tensor([0.4, 99.6, 300.0]), int8())
    tensor([  0., 100., 127.])
    """
    return FloatFormat(mantissa=6, lowest=6, largest=127.0)


def _in_blocks(x: Tensor, block: int) -> Tensor:
    if block < 1 or x.shape[-1] % block:
        raise ValueError(f"blocks of {block} do not fill rows of {x.shape[-1]}: pass a divisor")
    return x.unflatten(-1, (-1, block))


def rounded_in_blocks(
    x: Float[Tensor, "rows columns"], to: FloatFormat, *, block: int
) -> Float[Tensor, "rows columns"]:
    r"""Round each block of a row in a scale of its own, which makes its largest number fit.

    .. math:: \hat x = s \cdot \operatorname{rounded}(x / s), \qquad
        s = \max_\text{block} |x| / x_\text{largest}

    Args:
        x: One token's numbers in each row.
        to: The format.
        block: The numbers that share a scale: 128 in DeepSeek-V3; all of a row is coarser.

    Raises:
        ValueError: The blocks do not fill a row.

    Source: :cite:t:`deepseekv3`, section 3.3.2.

    >>> rounded_in_blocks(torch.tensor([[1e-6, 3e-6, 70.0, 900.0]]), e4m3(), block=2)[0, 0] > 0
    tensor(True)
    >>> rounded_in_blocks(torch.tensor([[1e-6, 3e-6, 70.0, 900.0]]), e4m3(), block=4)[0, 0] > 0
    tensor(False)
    """
    parts = _in_blocks(x, block)
    largest = parts.abs().amax(dim=-1, keepdim=True)
    scale = largest.where(largest > 0, 1) / to.largest
    return (rounded(parts / scale, to) * scale).flatten(-2)


def summed(
    products: Float[Tensor, "rows terms"], *, bits: int, block: int
) -> Float[Tensor, " rows"]:
    r"""Add up terms, one after the other, in a sum that keeps few bits.

    After each block the sum goes to one of full precision, and begins anew at zero.

    Args:
        products: What is added, row by row.
        bits: How many binary digits the running sum keeps.
        block: After how many terms it is handed over; all terms mean never.

    Raises:
        ValueError: The blocks do not fill a row.

    Source: :cite:t:`deepseekv3`, section 3.3.2.

    >>> ones = torch.ones(1, 64)
    >>> summed(ones, bits=4, block=64), summed(ones, bits=4, block=16)
    (tensor([16.]), tensor([64.]))
    """
    narrow = FloatFormat(mantissa=bits - 1, lowest=-126, largest=float("inf"))
    parts = _in_blocks(products, block)
    running = torch.zeros_like(parts[..., 0])
    for term in parts.unbind(dim=-1):
        running = rounded(running + term, narrow)
    return running.sum(dim=-1)
