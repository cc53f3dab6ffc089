"""transformers' own server on this machine, for as long as a block lasts."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from threading import Thread
from typing import Any

from transformers.utils import logging as progress


@contextmanager
def transformers_server(folder: str | PathLike, *, port: int = 0) -> Iterator[str]:
    """Serve a model as `transformers serve FOLDER` does, on 127.0.0.1, while the block lasts.

    It speaks OpenAI's protocol, chat completions and the older completions among it, asks for no
    key, and wants to hear the folder as the model's name.

    Args:
        folder: A model and its tokenizer in the hub's format.
        port: Where; 0 for any that is free.

    Returns:
        The address for OpenAI's client; Hugging Face's takes it, too.

    Raises:
        ValueError: There is no model in the folder.
        OSError: The port cannot be had, or the server did not begin.

    >>> from urllib.request import urlopen
    >>> from lessons.models import load
    >>> with transformers_server(load("decoder", source="book").model.name_or_path) as address:
    ...     urlopen(address.replace("/v1", "/health"), timeout=30).read()
    b'{"status":"ok"}'
    """
    from transformers.cli.serve import Serve  # wants fastapi, which nothing else here does

    class InThread(Serve):
        def start_server(self) -> None:
            self._thread = Thread(target=self.server.run, daemon=True)
            self._thread.start()

    if not (Path(folder) / "config.json").is_file():
        raise ValueError(f"{folder} holds no model: pass a folder with a config.json")
    place = _free(port)
    before, bars = logging.root.manager.disable, progress.is_progress_bar_enabled()
    logging.disable(logging.WARNING)  # it tells of each call, and of its process
    progress.disable_progress_bar()
    try:
        serve: Any = InThread(
            force_model=str(folder), host="127.0.0.1", port=place, device="cpu", dtype="float32",
            non_blocking=True,
        )  # fmt: skip
        try:
            _wait_for(serve, seconds=30.0)
            yield f"http://127.0.0.1:{place}/v1"
        finally:
            serve.kill_server()
    finally:
        logging.disable(before)
        if bars:
            progress.enable_progress_bar()


def _free(port: int) -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise OSError(f"port {port} cannot be had: pass another, or 0") from error
        return probe.getsockname()[1]


def _wait_for(serve: Any, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not serve.server.started:
        if time.monotonic() > deadline or not serve._thread.is_alive():
            raise OSError("transformers' server did not begin: pass another port, or 0")
        time.sleep(0.01)
