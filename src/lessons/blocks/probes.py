r"""Probes: places in a model where its intermediate values can be read, or replaced.

A probe does nothing: it hands on what it gets. But it has a name, the path to it, such as
`layers.0.attention.weights`, and while :func:`record` or :func:`edit` is at work, whatever
passes is kept, or exchanged. One mechanism thus serves plots, ablation and patching.

The idea is that of the hook points of TransformerLens :cite:p:`nanda2022`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn


class Probe(nn.Module):
    """Hand on what comes in.

    >>> import torch
    >>> Probe()(torch.tensor(3.0))
    tensor(3.)
    """

    def forward(self, value: Tensor) -> Tensor:
        """Return `value` itself."""
        return value


def watched(probe: nn.Module) -> bool:
    """Return whether anything looks at what passes, or changes it.

    >>> with record(probe := Probe()):
    ...     watched(probe)
    True
    """
    return type(probe) is not Probe or bool(probe._forward_hooks or probe._forward_pre_hooks)


def probes(model: nn.Module) -> dict[str, Probe]:
    """Return the probes of a model by name, in the order in which they were built.

    >>> list(probes(nn.Sequential(nn.Identity(), Probe())))
    ['1']
    """
    return {name: part for name, part in model.named_modules() if isinstance(part, Probe)}


@contextmanager
def record(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Keep, by name, what passes each probe during a `with` block.

    Where the model runs several times, the last run's values stay.

    >>> import torch
    >>> model = nn.Sequential(nn.Linear(1, 1), Probe())
    >>> with record(model) as seen:
    ...     output = model(torch.ones(1))
    >>> torch.equal(seen["1"], output)
    True
    """
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable:
        def hook(probe: Probe, inputs: tuple, output: Tensor) -> None:
            seen[name] = output.detach()

        return hook

    with ExitStack() as hooks:
        for name, probe in probes(model).items():
            hooks.enter_context(probe.register_forward_hook(keep(name)))
        yield seen


@contextmanager
def edit(model: nn.Module, edits: Mapping[str, Callable[[Tensor], Tensor]]) -> Iterator[None]:
    """Pass what reaches some probes through functions, during a `with` block.

    Args:
        model: Any model with probes.
        edits: For the name of a probe, the function from the old value to the new one.

    Raises:
        ValueError: The model has no probe of that name.

    >>> import torch
    >>> model = nn.Sequential(Probe())
    >>> with edit(model, {"0": lambda value: value * 0}):
    ...     model(torch.ones(1))
    tensor([0.])
    """
    known = probes(model)
    with ExitStack() as hooks:
        for name, change in edits.items():
            if name not in known:
                raise ValueError(f"no probe is called {name!r}: pass one of {', '.join(known)}")
            hook = _changed_by(change)
            hooks.enter_context(known[name].register_forward_hook(hook))
        yield


def _changed_by(change: Callable[[Tensor], Tensor]) -> Callable:
    def hook(probe: Probe, inputs: tuple, output: Tensor) -> Tensor:
        return change(output)

    return hook
