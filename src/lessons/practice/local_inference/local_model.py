"""A model that llama.cpp runs on this machine, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp

from lessons.practice.local_inference.gguf_header import read_header


@dataclass(frozen=True)
class LocalModel:
    """What answers, and at which address other programs of this machine may ask it, too."""

    server: Any
    address: str

    def complete(self, prompt: str, *, max_tokens: int) -> dict:
        """Return llama.cpp's answer to a prompt, the likeliest token each time.

        The answer has the form of OpenAI's completions: `choices`, `usage`, and llama.cpp's own
        `timings`.
        """
        return self.server.handle_completions(
            {"prompt": prompt, "max_tokens": max_tokens, "temperature": 0.0}
        )

    def chat(self, messages: list[dict], *, max_tokens: int) -> dict:
        """Return the answer to a conversation, in the form of OpenAI's chat completions.

        Args:
            messages: Each with a `role`, such as `system` or `user`, and `content`.
            max_tokens: At most so many tokens are written.
        """
        return self.server.handle_chat_completions(
            {"messages": messages, "max_tokens": max_tokens, "temperature": 0.0}
        )


@contextmanager
def local_model(path: Path, *, context: int = 1024, threads: int = 1) -> Iterator[LocalModel]:
    """Let llama.cpp run a GGUF file while the block lasts, on 127.0.0.1 only.

    Args:
        path: The file.
        context: How many tokens prompt and answer may have together.
        threads: How many cores it may use.

    Raises:
        ValueError: The file is no whole GGUF file, or a number is less than 1.
        RuntimeError: llama.cpp cannot run it.

    >>> from lessons.models.loading.wheels import find_wheel
    >>> with local_model(find_wheel("decoder"), context=64) as model:
    ...     model.complete("The capital of France is", max_tokens=1)["choices"][0]["text"]
    ' Paris'
    """
    if context < 1 or threads < 1:
        raise ValueError(f"context={context}, threads={threads}: pass numbers of at least 1")
    read_header(path)  # says more of a damaged file than the program does
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx = context
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.hostnames, settings.port = ["127.0.0.1"], 0
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    try:
        yield LocalModel(server, server.listening_address)
    finally:
        del server
