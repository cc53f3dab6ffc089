"""A model that llama.cpp runs on this machine, for as long as a block lasts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import xllamacpp
from jaxtyping import Float
from torch import Tensor

from lessons.practice.local_inference.gguf_header import read_header
from lessons.practice.local_inference.resident import give_back


class _Ended:
    """Stands for the server when it has ended."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError("the model ended with its block: ask it inside `with local_model(…)`")


@dataclass
class LocalModel:
    """What answers, and at which address other programs of this machine may ask it, too."""

    server: Any
    address: str

    def complete(self, prompt: str | list[int], *, max_tokens: int) -> dict:
        """Return llama.cpp's answer to a prompt, the likeliest token each time.

        The answer has the form of OpenAI's completions: `choices`, `usage`, and llama.cpp's own
        `timings`.

        Args:
            prompt: A text, which the file's tokenizer cuts, or the ids of its tokens.
            max_tokens: At most so many tokens are written; fewer if the context is full.

        Raises:
            ValueError: The prompt does not fit into the context.
        """
        asked = {"prompt": prompt, "max_tokens": max_tokens, "temperature": 0.0}
        return _answered(self.server.handle_completions(asked))

    def complete_seconds(self, prompt: str, *, max_tokens: int) -> list[float]:
        """Return the processor's seconds that a completion takes, of all of this process.

        Raises:
            ValueError: The text ends before: its time is not that of so many tokens.
        """
        begun = time.process_time()
        written = self.complete(prompt, max_tokens=max_tokens)["usage"]["completion_tokens"]
        if written < max_tokens:
            raise ValueError(f"the text ends after {written} tokens: ask for at most so many")
        return [time.process_time() - begun]

    def next_token_logs(self, prompt: list[int], vocab: int) -> Float[Tensor, " vocab"]:
        """Return the logarithm of each token's probability after a prompt, as llama.cpp tells it.

        Args:
            prompt: The ids of its tokens.
            vocab: How many tokens the model has.
        """
        asked = {"prompt": prompt, "max_tokens": 1, "temperature": 0.0, "logprobs": vocab}
        [choice] = _answered(self.server.handle_completions(asked))["choices"]
        logs = torch.full((vocab,), -torch.inf)
        for one in choice["logprobs"]["content"][0]["top_logprobs"]:
            logs[one["id"]] = one["logprob"]
        return logs

    def continued(self, prompt: list[int], max_tokens: int) -> list[int]:
        """Return the ids of the greedy continuation, its end mark the last one if it ends."""
        asked = {"prompt": prompt, "max_tokens": max_tokens, "temperature": 0.0, "logprobs": 1}
        [choice] = _answered(self.server.handle_completions(asked))["choices"]
        return [one["id"] for one in choice["logprobs"]["content"]]

    def chat(self, messages: list[dict], *, max_tokens: int) -> dict:
        """Return the answer to a conversation, in the form of OpenAI's chat completions.

        Args:
            messages: Each with a `role`, such as `system` or `user`, and `content`.
            max_tokens: At most so many tokens are written; fewer if the context is full.

        Raises:
            ValueError: The conversation does not fit into the context.
        """
        asked = {"messages": messages, "max_tokens": max_tokens, "temperature": 0.0}
        return _answered(self.server.handle_chat_completions(asked))

    def said(self, question: str, *, max_tokens: int) -> str:
        """Return the text of the answer to a question, without anything before it.

        Args:
            question: Becomes a conversation of one turn.
            max_tokens: At most so many tokens are written.

        Raises:
            ValueError: The question does not fit into the context.
        """
        answer = self.chat([{"role": "user", "content": question}], max_tokens=max_tokens)
        return answer["choices"][0]["message"]["content"]


@contextmanager
def local_model(path: Path, *, context: int = 1024, threads: int = 1) -> Iterator[LocalModel]:
    """Let llama.cpp run a GGUF file while the block lasts, on 127.0.0.1 only.

    When the block ends, its memory goes back to the machine.

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
    header = read_header(path)  # says more of a damaged file than the program does
    last = max((one.offset for one in header.tensors), default=0)
    if path.stat().st_size <= header.begin + last:
        raise ValueError(f"{path} ends before its weights do: fetch it again")
    give_back()  # room for the model
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx = context
    settings.n_parallel = 1
    settings.cache_ram_mib = 0  # or it keeps the keys and values of prompts that are answered
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.hostnames, settings.port = ["127.0.0.1"], 0
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    model = LocalModel(server, server.listening_address)
    del server  # it ends, and its memory is free, when nobody holds it any more
    try:
        yield model
    finally:
        model.server = _Ended()
        give_back()  # or this process would keep what the program freed


def _answered(answer: dict) -> dict:
    """Return the answer, or raise what llama.cpp says instead of one."""
    if "error" in answer:
        told = answer["error"]["message"]
        raise ValueError(f"llama.cpp says: {told}. Shorten the prompt, or pass a larger context=")
    return answer
