r"""What one device holds when several train one model.

References: :cite:t:`rajbhandari2020` (ZeRO), :cite:t:`shoeybi2019` (tensor parallel),
:cite:t:`huang2019` (pipeline parallel).
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from lessons.training.large_language_models.training_cost import bytes_by_part

# What a stage cuts up, beside what the stage before it cuts up already.
STAGES = ((), ("master weights", "Adam's means", "Adam's squares"), ("gradients",), ("weights",))


def zero_bytes(parameters: int, *, devices: int, stage: int) -> dict[str, float]:
    """Return what each of some devices holds of a training's state, by part, in bytes.

    Args:
        parameters: The numbers that the model has learned.
        devices: How many share the work.
        stage: 0: each holds all, as plain data parallelism does; 1: the optimizer's state is cut
            up; 2: the gradients, too; 3: the weights, too.

    Raises:
        ValueError: There is no device, or no such stage.

    Source: :cite:t:`rajbhandari2020`, figure 1.

    >>> [sum(zero_bytes(8, devices=4, stage=stage).values()) for stage in range(4)]
    [128.0, 56.0, 44.0, 32.0]
    """
    if devices < 1 or not 0 <= stage < len(STAGES):
        raise ValueError(f"{devices} devices, stage {stage}: pass at least one, and a stage 0 to 3")
    cut = {part for earlier in STAGES[: stage + 1] for part in earlier}
    parts = bytes_by_part(parameters)
    return {part: size / (devices if part in cut else 1) for part, size in parts.items()}


def pipeline_idle(stages: int, parts: int) -> float:
    r"""Return the share of the time in which a device of a pipeline waits.

    .. math:: \frac{p - 1}{m + p - 1}

    Args:
        stages: :math:`p`, the devices, each with some of the layers.
        parts: :math:`m`, the parts into which a batch is cut; they follow one another.

    Raises:
        ValueError: There is no stage, or no part.

    Source: :cite:t:`huang2019`.

    >>> pipeline_idle(4, 1), pipeline_idle(4, 29)
    (0.75, 0.09375)
    """
    if min(stages, parts) < 1:
        raise ValueError(f"{stages} stages and {parts} parts: pass at least one of each")
    return (stages - 1) / (parts + stages - 1)


def split_feed_forward(
    x: Float[Tensor, "... d_model"],
    inner: Float[Tensor, "d_ff d_model"],
    outer: Float[Tensor, "d_model d_ff"],
    activation: Callable[[Tensor], Tensor],
    *,
    devices: int,
) -> list[Float[Tensor, "... d_model"]]:
    r"""Return what each device computes of a feed-forward network; the network is their sum.

    .. math:: f(x W_1) W_2 = \sum_i f(x W_1^{(i)}) W_2^{(i)}

    Device :math:`i` holds some of the hidden numbers: the activation looks at each of them alone,
    so that nothing has to be sent before the sum.

    Args:
        x: What the network reads.
        inner: The first matrix, as `nn.Linear` keeps it.
        outer: The second.
        activation: Works on each number alone.
        devices: How many.

    Raises:
        ValueError: They do not divide the hidden numbers.

    Source: :cite:t:`shoeybi2019`.

    >>> import torch
    >>> parts = split_feed_forward(torch.ones(2), torch.eye(2), torch.eye(2), torch.relu, devices=2)
    >>> [part.tolist() for part in parts]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if devices < 1 or len(inner) % devices:
        raise ValueError(f"{devices} devices for {len(inner)} hidden numbers: pass a divisor")
    pairs = zip(inner.chunk(devices), outer.chunk(devices, dim=1), strict=True)
    return [activation(x @ first.T) @ second.T for first, second in pairs]
