r"""A student that is its teacher with some layers left out.

Reference: :cite:t:`sanh2019`, section 3, who keep one layer out of two.
"""

import copy
import re
from collections.abc import Sequence

import torch
from transformers import DistilBertForMaskedLM

LAYER = re.compile(r"(.*\.layer\.)(\d+)(\..*)")


def cut_student(
    teacher: DistilBertForMaskedLM, layers: Sequence[int], *, copied: bool = True, seed: int = 0
) -> DistilBertForMaskedLM:
    """Return a smaller model of the teacher's kind, with the weights of some of its layers.

    Embeddings and the head that guesses words are copied, too.

    Args:
        teacher: What is copied from; it stays as it is.
        layers: The numbers of its layers that the student gets, in this order.
        copied: False draws all weights anew, so that only the shape is the teacher's.
        seed: Where weights that are not copied come from.

    Raises:
        ValueError: There is no layer to copy, or the teacher has no such layer.

    >>> from lessons.models import load
    >>> cut_student(load("encoder", source="book").model, (0, 2)).config.n_layers
    2
    """
    count = teacher.config.n_layers
    if not layers or not all(0 <= layer < count for layer in layers):
        raise ValueError(f"layers {tuple(layers)}: pass some of 0 to {count - 1}")
    config = copy.deepcopy(teacher.config)
    config.n_layers = len(layers)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = DistilBertForMaskedLM(config)
    if copied:
        student.load_state_dict(
            {name: teacher.state_dict()[_origin(name, layers)] for name in student.state_dict()}
        )
    return student.eval()


def _origin(name: str, layers: Sequence[int]) -> str:
    """Return the teacher's name of what a student's weight is copied from."""
    found = LAYER.fullmatch(name)
    return f"{found[1]}{layers[int(found[2])]}{found[3]}" if found else name
