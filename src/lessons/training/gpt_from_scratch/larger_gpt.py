"""A larger GPT whose weights the book keeps: built, written, and read again.

Its numbers stand in half precision, with a mark of the tokens that they were learned for. The
card beside them says how it was trained.
"""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lessons.families import small_decoder
from lessons.families.decoder_only import DecoderOnly
from lessons.tokens import BytePairTokenizer
from lessons.training.dropped_residual import DroppedResidual

FOLDER = Path(__file__).with_name("weights")
FILE = "gpt.safetensors"
SIZES = {"positions": 64, "d_model": 160, "layers": 4}
DROPPED = 0.2
COMMAND = "python -m lessons.training.gpt_from_scratch.make_gpt"


def larger_gpt(vocab: int, *, seed: int = 0) -> DecoderOnly:
    """Return the untrained model: four layers, 160 wide, with dropout on what a sublayer adds.

    Args:
        vocab: How many tokens there are.
        seed: Decides the weights.

    >>> sum(one.numel() for one in larger_gpt(320).parameters())
    1350080
    """
    return small_decoder(vocab, **SIZES, residual=DroppedResidual(DROPPED), seed=seed)


def mark_of_tokens(tokenizer: BytePairTokenizer) -> str:
    """Return a mark of a tokenizer's tokens and their order, by which weights know it.

    >>> mark_of_tokens(BytePairTokenizer([])) == mark_of_tokens(BytePairTokenizer([(b"a", b"t")]))
    False
    """
    digest = hashlib.sha256(b"".join(b"%d %b" % (len(one), one) for one in tokenizer.tokens))
    return digest.hexdigest()[:16]


def save_gpt(model: DecoderOnly, tokenizer: BytePairTokenizer, folder: Path) -> None:
    """Write a model's weights in half precision, with the mark of its tokens.

    Args:
        model: As :func:`larger_gpt` builds it.
        tokenizer: The one that cut its text.
        folder: Where to; it is made if need be.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_gpt(larger_gpt(256), BytePairTokenizer([]), Path(folder))
    ...     [one.name for one in Path(folder).iterdir()]
    ['gpt.safetensors']
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: one.half().contiguous() for name, one in model.state_dict().items()}
    save_file(tensors, folder / FILE, metadata={"tokens": mark_of_tokens(tokenizer)})
    (folder / FILE).chmod(0o644)


def load_gpt(tokenizer: BytePairTokenizer, folder: Path = FOLDER) -> DecoderOnly:
    """Return the larger GPT with the weights of a folder, ready to go on.

    Args:
        tokenizer: The one that cut the text: that of `read_prose(vocab_size=320)`.
        folder: Where the weights stand; the book's own, if none is given.

    Raises:
        OSError: The file is missing or damaged.
        ValueError: The weights are for other tokens, or of a model of other sizes.

    >>> load_gpt(BytePairTokenizer([]))
    Traceback (most recent call last):
    ...
    ValueError: gpt.safetensors is for other tokens: pass those of read_prose(vocab_size=320)
    """
    try:
        with safe_open(folder / FILE, framework="pt") as file:
            mark = (file.metadata() or {}).get("tokens")
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    except (OSError, SafetensorError) as error:
        raise OSError(
            f"{FILE} in {folder} cannot be read ({error}): restore it from the repository, or "
            f"train it again by `{COMMAND}`"
        ) from error
    if mark != mark_of_tokens(tokenizer):
        raise ValueError(f"{FILE} is for other tokens: pass those of read_prose(vocab_size=320)")
    model = larger_gpt(len(tokenizer)).eval()
    own = {name: one.shape for name, one in model.state_dict().items()}
    if own != {name: one.shape for name, one in tensors.items()}:
        raise ValueError(
            f"{FILE} holds a model of other sizes than {SIZES}: leave them as they are"
        )
    model.load_state_dict(tensors)
    return model


def kept_runs(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return what was measured of the training whose weights are kept, then of other seeds'.

    >>> kept_runs()[0]["seed"]
    0
    """
    others = sorted((folder / "other-runs").glob("*.json"))
    return [json.loads(file.read_text("utf8")) for file in (folder / "metrics.json", *others)]


def kept_losses(folder: Path = FOLDER, *, seed: int | None = None) -> dict[str, list[float]]:
    """Return the curves of the training whose weights are kept, or of another: losses by step.

    Args:
        folder: Where they stand.
        seed: Of the training; none means that of the weights.

    Raises:
        OSError: No training with this seed is kept.

    >>> kept_losses()["step"][0]
    100.0
    """
    file = folder / ("loss.csv" if seed is None else f"other-runs/seed{seed}.csv")
    if not file.exists():
        raise OSError(f"{file} is not there: pass the seed of a run in its folder, or none")
    with open(file, newline="") as read:
        rows = list(csv.DictReader(read))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}
