"""What lessons of every topic ask of a tensor: a wide enough type, and numbers to look at."""

import torch
from torch import Tensor

WIDE = (torch.float32, torch.float64)


def widened(x: Tensor) -> Tensor:
    """Return `x` in float32 if its type has half as many bits, and as it is otherwise.

    A half type holds a model's numbers. It does not hold what is made of them on the way: in
    float16 the square of 257 is infinite, in bfloat16 the position 257 is 256.

    >>> widened(torch.ones(1, dtype=torch.float16)).dtype, widened(torch.ones(1).double()).dtype
    (torch.float32, torch.float64)
    """
    if x.dtype in WIDE:
        return x  # a cast that changes nothing takes time, too
    return x.to(torch.promote_types(x.dtype, torch.float32))


def has_numbers(x: Tensor) -> bool:
    """Return whether the numbers can be looked at: not on `meta`, in `vmap`, or in compiled code.

    Where they cannot, a lesson that checks them trusts them.

    >>> has_numbers(torch.ones(1)), has_numbers(torch.ones(1, device="meta"))
    (True, False)
    """
    many_at_once = torch._C._functorch.is_batchedtensor(x)
    return not (x.is_meta or many_at_once or torch.compiler.is_compiling())
