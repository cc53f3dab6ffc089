r"""Which parts of a model train: everything else is frozen, and costs no gradient."""

from collections.abc import Iterable

from torch import nn


def train_only(model: nn.Module, names: Iterable[str]) -> nn.Module:
    """Freeze a model, but for the parameters whose names begin like one of these.

    Args:
        model: It is changed in place, and returned.
        names: Beginnings, such as `layers.2.` or `unembed`; none freezes all.

    Raises:
        ValueError: No parameter's name begins so.

    >>> model = train_only(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), ["1."])
    >>> trained_count(model)
    4
    """
    names = tuple(names)
    parameters = dict(model.named_parameters())
    for start in names:
        if not any(name.startswith(start) for name in parameters):
            raise ValueError(
                f"no parameter's name begins with {start!r}: pass beginnings of those of "
                "model.named_parameters()"
            )
    for name, parameter in parameters.items():
        parameter.requires_grad_(name.startswith(names))
    return model


def trained_count(model: nn.Module) -> int:
    """Return how many numbers of a model train.

    >>> trained_count(nn.Linear(2, 3))
    9
    """
    return sum(one.numel() for one in model.parameters() if one.requires_grad)
