"""The machine that the lab runs on: models on a GPU where there is one, and versions."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import torch
from transformers import BatchEncoding

from lessons.models import Loaded, encode, load

PACKAGES = ("attention-under-the-hood", "torch", "transformers")


def load_model(name: str, *, source: str | None = None, where: str | None = None) -> Loaded:
    """Load a model for the lab, onto the GPU where there is one.

    Not tested on a GPU: the book is built on machines that have none.

    Args:
        name: `encoder`, `decoder` or `translator`.
        source: As for :func:`lessons.models.loading.loader.load`.
        where: A local folder in the hub's format, or a hub repository.

    Raises:
        ValueError: There is no such name or source.
        OSError: The model cannot be found, or its weights are damaged.

    >>> load_model("encoder").name
    'encoder'
    """
    loaded = load(name, source=source, where=where)
    if torch.cuda.is_available():
        loaded.model.to("cuda")  # type: ignore[arg-type]  # wrapped by transformers, it seems to lack self
    return loaded


def read(
    loaded: Loaded, text: str, what: str, *, by: Sequence[str]
) -> tuple[BatchEncoding, list[str]]:
    """Return a text as the model's input, on the model's device, and as its tokens.

    Args:
        loaded: The model that is to read it.
        text: At least two tokens, markers included, which the model knows and has positions for.
        what: How to call the text in a message.
        by: Which models can do what the step asks, by name.

    Raises:
        ValueError: It is another model, or the text cannot be read, or is one token, which could
            look at itself only.

    >>> read(load_model("decoder"), "the keys", "the prefix", by=["decoder"])[1]
    ['the', 'keys']
    """
    name = loaded.name if isinstance(loaded, Loaded) else None
    if name not in by:
        had = f"the {name}" if name else f"a {type(loaded).__name__}, no loaded model"
        raise ValueError(
            f"this step needs the {' or the '.join(by)}, and this is {had}: pass "
            f"lab.load_model({by[0]!r})"
        )
    if not isinstance(text, str):
        raise ValueError(f"{what} is {text!r:.40}, no text: write it between quotation marks")
    try:
        encoded = encode(loaded, text)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error
    ids = encoded.input_ids[0].tolist()
    if len(ids) < 2:  # an encoder's markers, and a translator's end, are there to be looked at
        raise ValueError(f"{what} is one token, which sees itself only: write two or more")
    return encoded.to(loaded.model.device), words(loaded, ids)


def words(loaded: Loaded, ids: list[int]) -> list[str]:
    """Return tokens as a reader knows them, without the marks that tokenizers put for spaces.

    >>> words(load_model("decoder"), [5])
    [',']
    """
    tokens = loaded.tokenizer.convert_ids_to_tokens(ids)
    return [token.lstrip("Ġ▁") or token for token in tokens]


def versions() -> dict[str, str]:
    """Return what the lab ran with: the versions of Python and of three packages.

    >>> sorted(versions())
    ['attention-under-the-hood', 'python', 'torch', 'transformers']
    """
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a checkout that is not installed
            found[name] = "not installed"
    return found
