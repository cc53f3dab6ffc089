r"""What a training costs: operations, and bytes by part, counted on the device `meta`.

A model on `meta` has shapes and no numbers, so one of eight billion parameters can be counted on
any machine.

References: :cite:t:`kaplan2020`, section 2.1, for the rule; :cite:t:`rajbhandari2020`, section 3.1,
for the bytes.
"""

import torch
from jaxtyping import Int, Shaped
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel

from lessons.families import shifted_cross_entropy

MIXED = {"weights": 2, "gradients": 2, "master weights": 4, "Adam's means": 4, "Adam's squares": 4}


def training_flops(parameters: float | int, tokens: float | int) -> float | int:
    r"""Return the operations of a training, by the rule of thumb.

    .. math:: C = 6 N D

    A matrix with :math:`N` numbers costs a token :math:`2N` operations on the way forward, and as
    many for either of two products on the way back.

    Args:
        parameters: :math:`N`, without tables that are only looked up.
        tokens: :math:`D`, all that are read, the same one as often as it is read.

    Source: :cite:t:`kaplan2020`, section 2.1.

    >>> training_flops(10, 100)
    6000
    """
    return 6 * parameters * tokens


def multiplied(model: nn.Module) -> int:
    """Return a model's numbers without tables that are looked up, and nowhere multiplied.

    >>> multiplied(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 10, bias=False)))
    40
    """
    numbers = {id(one): one.numel() for one in model.parameters()}
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            numbers.pop(id(module.weight), None)
    for module in model.modules():  # a table that serves the exit, too, is multiplied there
        if isinstance(module, nn.Linear):
            numbers[id(module.weight)] = module.weight.numel()
    return sum(numbers.values())


def without_numbers(config: PreTrainedConfig) -> PreTrainedModel:
    """Return a decoder of a known configuration on the device `meta`, in bfloat16.

    Its attention is the plain one, which keeps its table of weights for the way back.

    >>> from transformers import GPT2Config
    >>> sum(one.numel() for one in without_numbers(GPT2Config()).parameters())
    124439808
    """
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(
            config, attn_implementation="eager", dtype=torch.bfloat16
        )


def counted_flops(model: nn.Module, ids: Int[Tensor, "rows tokens"]) -> int:
    """Return the operations of the way forward and the way back, as torch counts them.

    Args:
        model: Returns logits, or an object that has them.
        ids: What it reads.

    >>> model = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 10, bias=False))
    >>> counted_flops(model, torch.zeros(1, 3).long()), training_flops(multiplied(model), 3)
    (720, 720)
    """
    with FlopCounterMode(display=False) as counter:
        read = model(ids)
        shifted_cross_entropy(getattr(read, "logits", read), ids).backward()
    return counter.get_total_flops()


def bytes_by_part(parameters: int) -> dict[str, int]:
    """Return what each parameter takes in a training with Adam in mixed precision, in bytes.

    Two for the weight that is used and two for its gradient; four each for the weight that is
    kept, and for Adam's two means.

    Source: :cite:t:`rajbhandari2020`, section 3.1.

    >>> sum(bytes_by_part(1).values())
    16
    """
    return {part: each * parameters for part, each in MIXED.items()}


def activation_bytes(model: nn.Module, read: Shaped[Tensor, "..."]) -> int:
    """Return the bytes that the way back still needs after the way forward, weights aside.

    Each piece of memory counts once, however many operations keep it.

    Args:
        model: Returns logits, or an object that has them.
        read: Ids, or vectors.

    >>> model = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 4), nn.GELU())
    >>> activation_bytes(model, torch.zeros(1, 3).long())  # ids, what Linear read, what GELU read
    120
    """
    owned = {_memory(one) for one in (*model.parameters(), *model.buffers())}
    kept: dict[int, Tensor] = {}

    def keep(saved: Tensor) -> Tensor:
        if _memory(saved) not in owned:
            kept[_memory(saved)] = saved  # held, so that its place is not used again
        return saved

    with saved_tensors_hooks(keep, lambda saved: saved):
        model(read)
    return sum(saved.untyped_storage().nbytes() for saved in kept.values())


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def energy_mwh(
    flops: float | int, *, flops_per_second: float | int, watts: float | int, overhead: float
) -> float:
    r"""Return the energy of a computation, in megawatt-hours.

    .. math:: \frac{C}{\text{speed}} \cdot \text{power} \cdot \text{overhead}

    Args:
        flops: The operations.
        flops_per_second: How many a device really does in a second: far fewer than its data sheet
            says.
        watts: What a device takes meanwhile, with its share of the machine around it.
        overhead: What the building takes for each watt of the machines, cooling included.

    Raises:
        ValueError: A number is not positive, or the overhead is less than one.

    Source: :cite:t:`patterson2021`.

    >>> gpt3 = energy_mwh(3.14e23, flops_per_second=24.6e12, watts=330, overhead=1.1)
    >>> round(gpt3)  # they say 1,287
    1287
    """
    if min(flops, flops_per_second, watts) <= 0 or overhead < 1:
        raise ValueError("pass positive operations, speed and power, and an overhead of 1 or more")
    seconds = flops / flops_per_second
    return seconds / 3600 * watts * overhead / 1e6
