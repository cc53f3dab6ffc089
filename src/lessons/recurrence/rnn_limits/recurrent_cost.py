r"""What recurrence costs: operations, those of them that must wait, and bytes of state.

A multiplication and the addition after it count as two operations (FLOPs), as everywhere in the
book; what is done to single numbers, such as the tanh, is left out.
"""

import torch
from torch import Tensor
from torch.autograd.graph import Node


def recurrent_flops(tokens: int, d_model: int, d_state: int, *, gates: int = 1) -> int:
    r"""Count the operations of one recurrent layer over a sequence.

    .. math:: 2 \cdot \text{gates} \cdot \text{tokens} \cdot d_\text{state} \cdot
        (d_\text{model} + d_\text{state})

    Args:
        tokens: The length of the sequence.
        d_model: The numbers in a token's vector.
        d_state: The numbers in a state.
        gates: 1 for a plain network, 3 for a GRU, 4 for an LSTM.

    >>> recurrent_flops(tokens=1, d_model=2, d_state=2, gates=4)
    64
    """
    return 2 * gates * tokens * d_state * (d_model + d_state)


def state_bytes(d_state: int, *, carried: int = 1, bytes_per_number: int = 4) -> int:
    """Count the bytes that a recurrent layer keeps while it generates, however long the text is.

    Args:
        d_state: The numbers in a state.
        carried: How many vectors the state consists of: 2 for an LSTM, else 1.
        bytes_per_number: 4 in float32.

    >>> state_bytes(768, carried=2)
    6144
    """
    return carried * d_state * bytes_per_number


def longest_chain(result: Tensor) -> int:
    r"""Count the operations that had to wait for each other on the way to a result.

    Read off the graph that torch keeps for gradients: the longest path from `result` back to a
    parameter or an input. A matrix product is one operation here, like a tanh: inside of it all
    sums are independent, and a sum of *m* numbers takes :math:`\log_2 m` steps at the least.

    Args:
        result: A tensor that was computed with gradients.

    Raises:
        ValueError: `result` remembers no operation.

    >>> import torch
    >>> x = torch.ones(3, requires_grad=True)
    >>> longest_chain(x * 2), longest_chain((x * 2).exp() + x)
    (1, 3)
    """
    if result.grad_fn is None:
        raise ValueError("the result remembers no operation: compute it with gradients")
    lengths: dict[Node, int] = {}
    todo = [result.grad_fn]
    while todo:
        node = todo[-1]
        before = [each for each, _ in node.next_functions if each is not None]
        if missing := [each for each in before if each not in lengths]:
            todo += missing
        else:
            # Where gradients are summed up for a parameter or an input, nothing is computed.
            own = 0 if node.name().endswith("AccumulateGrad") else 1
            lengths[todo.pop()] = own + max((lengths[each] for each in before), default=0)
    return lengths[result.grad_fn]


def convolutions_between(distance: int, *, window: int, widening: int = 1) -> int:
    r"""Count the layers of a convolution until the last word hears of one so many places before.

    They are built one above the other until a gradient of the last number reaches the first:
    about :math:`n / (w - 1)`, or :math:`\log_w n` if each spreads its window *w* times as wide.

    Args:
        distance: *n*, the places between the two words.
        window: *w*, how many numbers of the layer below each number sees: itself, and earlier ones.
        widening: How many times as far apart a layer's window reads as that of the layer below.

    Raises:
        ValueError: The distance or the widening is below 1, or the window below 2.

    Source: :cite:t:`vaswani2017`, table 1.

    >>> convolutions_between(8, window=3), convolutions_between(8, window=3, widening=3)
    (4, 2)
    """
    if distance < 1 or window < 2 or widening < 1:
        raise ValueError(
            f"distance, window and widening are {distance}, {window} and {widening}: pass at "
            "least 1, 2 and 1"
        )
    first = torch.ones(1, 1, distance + 1, dtype=torch.float64, requires_grad=True)
    kernel, top, gap, layers = torch.ones(1, 1, window, dtype=torch.float64), first, 1, 0
    while True:
        before = torch.nn.functional.pad(top, ((window - 1) * gap, 0))
        top = torch.nn.functional.conv1d(before, kernel, dilation=gap)
        layers, gap = layers + 1, gap * widening
        [reach] = torch.autograd.grad(top[0, 0, -1], first, retain_graph=True)
        if reach[0, 0, 0] > 0:
            return layers
