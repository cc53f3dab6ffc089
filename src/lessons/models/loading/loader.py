"""Load a model for a chapter: the book's own, one from an installed wheel, or one from the hub."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import torch
from huggingface_hub import constants
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from lessons.models.loading.prepared import prepared_decoder
from lessons.models.loading.wheels import INSTALL, WHEELS, find_wheel

WEIGHTS = Path(__file__).parents[1] / "weights"
CLASSES = {
    "encoder": AutoModelForMaskedLM,
    "decoder": AutoModelForCausalLM,
    "translator": AutoModelForSeq2SeqLM,
}
HUB = {"encoder": "distilbert-base-uncased", "decoder": "gpt2", "translator": "t5-small"}
SOURCES = ("book", "wheel", "hub")
KINDS = {
    "distilbert": "DistilBERT",
    "bert": "BERT",
    "gpt2": "GPT-2",
    "llama": "Llama",
    "t5": "T5",
}


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode with its tokenizer; figures print `provenance`."""

    name: str
    source: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    provenance: str


def load(
    name: str,
    *,
    source: str | None = None,
    where: str | os.PathLike | None = None,
    dtype: torch.dtype = torch.float32,
) -> Loaded:
    """Load the `encoder`, the `decoder` or the `translator`.

    Args:
        name: `encoder`, `decoder` or `translator`.
        source: `book` for the book's own models; `wheel` for pretrained ones from installed
            packages, MiniLM (an encoder without a language-model head) and SmolLM2 (a decoder,
            quantized to 4 bits); `hub` for distilbert-base-uncased, gpt2 and t5-small. None: what
            the environment variable LESSONS_MODELS says, or else `book`; with `where`, `hub`.
        where: A local folder in the hub's format, or a hub repository, instead of the usual one.
        dtype: In which precision the model computes.

    Raises:
        ValueError: There is no such name or source, or no such model from this source.
        OSError: The model cannot be found, or its weights are damaged.

    >>> load("decoder").provenance
    "the book's own GPT-2 (3 layers of 4 heads, d_model 128), trained on sentences of its grammar"
    """
    if name not in CLASSES:
        raise ValueError(f"there is no model {name!r}: pass one of {', '.join(CLASSES)}")
    place_named = "hub" if where is not None else None
    chosen = source or place_named or os.environ.get("LESSONS_MODELS") or "book"
    if chosen not in SOURCES:
        origin = "" if source else " (from the environment variable LESSONS_MODELS)"
        raise ValueError(f"there is no source {chosen!r}{origin}: pass one of {', '.join(SOURCES)}")
    place = where if where is not None else _usual_place(name, chosen)
    auto = AutoModel if (name, chosen) == ("encoder", "wheel") else CLASSES[name]
    model, tokenizer = _read(auto, place, chosen, dtype)
    return Loaded(name, chosen, model, tokenizer, _provenance(model, name, chosen, place))


def _usual_place(name: str, source: str) -> str | Path:
    """Return the folder or hub repository where a source keeps a model."""
    if source == "hub":
        return HUB[name]
    if source == "book":
        return WEIGHTS / name
    return prepared_decoder() if name == "decoder" else find_wheel(name)


def _read(
    auto, place, source: str, dtype: torch.dtype
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Read model and tokenizer, and refuse weights that do not fill the model."""
    folder = not isinstance(place, str) or Path(place).is_absolute() or Path(place).is_dir()
    local = source != "hub" or folder  # a hub's repository has neither form
    if local and not (Path(place) / "config.json").is_file():
        raise OSError(f"{place} holds no model (no config.json): {_ways_out(source)}")
    try:
        with _quiet():
            cached_only = local or not _answers(constants.ENDPOINT)
            tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=cached_only)
            model, report = auto.from_pretrained(
                place, attn_implementation="eager", local_files_only=cached_only,
                output_loading_info=True, dtype=dtype,
            )  # fmt: skip
    except Exception as error:
        if local:
            raise OSError(
                f"the model in {place} is damaged ({error}): {_ways_out(source)}"
            ) from error
        raise OSError(
            f"the model {place} could neither be read from the local cache nor fetched: "
            f"{_ways_out(source)}"
        ) from error
    if report["missing_keys"]:
        missing = ", ".join(sorted(report["missing_keys"])[:3])
        raise OSError(f"the weights in {place} lack {missing}: {_ways_out(source)}")
    return model.eval(), tokenizer


def _answers(address: str, *, seconds: float = 3.0) -> bool:
    """Say whether a host can be reached at all, so that nobody waits for many tries that can't."""
    if getproxies():  # then the proxy knows
        return True
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname, port), timeout=seconds):
            return True
    except OSError:
        return False


def _ways_out(source: str) -> str:
    if source == "hub":
        return (
            "connect to the network once, or set HF_HOME to a cache that holds it, or pass "
            "where='<a folder with its files>', or take the book's model with source='book'"
        )
    if source == "wheel":
        return f"run `{INSTALL}`; what was prepared of it is made anew once its folder is deleted"
    return (
        "restore the file from the repository, or retrain it with "
        "`python -m lessons.models.making.train`"
    )


def _provenance(model: PreTrainedModel, name: str, source: str, place) -> str:
    """Say in a few words which model this is and where it comes from."""
    config = model.config
    kind = KINDS.get(config.model_type, config.model_type)
    size = (
        f"{config.num_hidden_layers} layers of {config.num_attention_heads} heads, "
        f"d_model {config.hidden_size}"
    )
    if source == "book":
        return f"the book's own {kind} ({size}), trained on sentences of its grammar"
    if source == "wheel":
        wheel = WHEELS[name]
        what = f"{wheel.model}, a pretrained {kind} ({size}{wheel.note})"
        return f"{what} from the package {wheel.package}"
    if Path(place).is_dir():
        return f"{kind} ({size}) from the local folder {Path(place).name}"
    return f"{place}, a {kind} ({size}) from the Hugging Face hub"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence transformers' progress bars, and put them back as they were."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
