"""Prepare the decoder of the wheel: dequantized once, and kept in the hub's format.

The folder belongs to the environment, or to the user where the environment can't be written. It
appears when it is whole, and is made anew when the package's file is another one, or when a file
of it was cut off. `python -m lessons.models.loading.prepared` makes it; so does the first `load`.
"""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from filelock import FileLock
from safetensors.torch import save_file

from lessons.models.loading.gguf_model import GGUFModel
from lessons.models.loading.wheels import check_digest, digest_of, find_wheel

FORMAT = 1  # counts the ways in which this module has written the folder
SIZES = "sizes.json"


def prepared_decoder() -> Path:
    """Return the folder with the wheel's decoder in half precision, which is made if need be.

    Raises:
        OSError: The package is not installed or damaged, or no folder can be written.
    """
    file = find_wheel("decoder")
    name = f"{file.stem}-{digest_of('decoder')[:12]}-{FORMAT}"
    places = [folder / name for folder in _folders()]
    for place in places:
        if is_whole(place):
            return place
    check_digest("decoder")
    failures = []
    for place in places:
        try:
            return _make(place, file)
        except OSError as error:
            failures.append(f"{place.parent}: {error.strerror or error}")
    raise OSError(
        f"the decoder of the wheel cannot be prepared ({'; '.join(failures)}): set XDG_CACHE_HOME "
        "to a folder that can be written and has 300 MB left"
    )


def is_whole(folder: Path) -> bool:
    """Say whether a prepared folder is there with all of its files, each as long as it was made."""
    with contextlib.suppress(OSError, ValueError):
        sizes = json.loads((folder / SIZES).read_text("utf8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    return False


def _folders() -> Iterator[Path]:
    """Return where prepared models may be kept: with the environment, else with the user."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for folder in (Path(sys.prefix, "share"), Path(home)):
        if folder.is_absolute():  # there may be no home at all
            yield folder / "attention-under-the-hood"


def _make(place: Path, file: Path) -> Path:
    """Write the folder beside its place, and move it there when it is whole.

    The lock goes with its process: another maker waits, then finds the folder; what a killed one
    left is cleared away.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(place.name + ".lock")):
        if not is_whole(place):
            part = place.with_name(place.name + ".part")
            for remains in (part, place):
                shutil.rmtree(remains, ignore_errors=True)
            part.mkdir()
            _write(GGUFModel(file), part)
            part.replace(place)
    return place


def _write(model: GGUFModel, folder: Path) -> None:
    config = model.config()
    config.dtype, config.architectures = torch.float16, ["LlamaForCausalLM"]
    config.save_pretrained(folder)
    model.tokenizer().save_pretrained(folder)
    # A file of the right size can still be empty of its last blocks after a power cut.
    weights = folder / "model.safetensors"
    save_file(model.weights(torch.float16), weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    with weights.open("rb") as written:
        os.fsync(written.fileno())
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    (folder / SIZES).write_text(json.dumps(sizes, indent=1) + "\n", "utf8")


def main() -> None:
    """Prepare the decoder of the wheel, or say in one sentence why that cannot be done."""
    try:
        prepared_decoder()
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
