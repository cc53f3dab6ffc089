"""All protocols behind one port of this machine, and a record of what was said."""

import errno
import socket
import time
from collections.abc import Callable, Mapping
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from lessons.practice.services.bedrock_protocol import BEDROCK
from lessons.practice.services.cohere_protocol import COHERE
from lessons.practice.services.desk import Desk
from lessons.practice.services.google_protocol import GEMINI, VERTEX
from lessons.practice.services.huggingface_protocol import HUGGINGFACE
from lessons.practice.services.ollama_protocol import OLLAMA
from lessons.practice.services.openai_protocol import AZURE, OPENAI
from lessons.practice.services.protocol import Protocol, app_of
from lessons.practice.services.recording import Exchange, Recorder
from lessons.practice.services.refusals import Gate
from lessons.practice.services.watson_protocol import WATSON
from lessons.practice.services.watsonx_protocol import WATSONX

PROTOCOLS: Mapping[str, Protocol] = {
    "openai": OPENAI,
    "azure": AZURE,
    "cohere": COHERE,
    "bedrock": BEDROCK,
    "gemini": GEMINI,
    "vertex": VERTEX,
    "huggingface": HUGGINGFACE,
    "ollama": OLLAMA,
    "watson": WATSON,
    "watsonx": WATSONX,
}


class LocalServices:
    """Speaks all protocols on 127.0.0.1, from now until it is closed or its process ends.

    Args:
        desk: What answers.
        key: Who shows it may ask.
        port: Where; 0 for any that is free.
        gate: Lets only so many calls pass; None for no limit.

    Raises:
        ValueError: The key is empty.
        OSError: The port is taken.
    """

    def __init__(self, desk: Desk, key: str, *, port: int = 0, gate: Gate | None = None):
        if not key:
            raise ValueError("the key is empty: pass one, such as secrets.token_hex()")
        self.desk, self.recorder = desk, Recorder(key)
        mounts = [
            Mount(f"/{name}", app_of(protocol, desk, key, gate or Gate()))
            for name, protocol in PROTOCOLS.items()
        ]
        self._socket = _bound(port)
        self.address = "http://127.0.0.1:{1}".format(*self._socket.getsockname())
        app = self.recorder.around(Starlette(routes=mounts))
        settings = uvicorn.Config(
            app, log_config=None, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(settings)
        run = {"sockets": [self._socket]}
        self._thread = Thread(target=self._server.run, kwargs=run, daemon=True)
        self._thread.start()
        _wait_until(lambda: self._server.started, seconds=10.0, what="begin")

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was asked and answered, the keys hidden; it waits for what is under way."""
        kept = self.recorder
        _wait_until(lambda: len(kept.exchanges) == kept.begun, seconds=20.0, what="end a call")
        return kept.exchanges

    def close(self) -> None:
        """End the server; what is being answered has a second to end."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> "LocalServices":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("127.0.0.1", port))
        found.listen()
    except (OSError, OverflowError) as error:
        found.close()
        why = "is taken" if getattr(error, "errno", None) == errno.EADDRINUSE else "cannot be had"
        raise OSError(f"port {port} {why}: pass another, or 0 for any that is free") from error
    return found


def _wait_until(ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server did not {what} within {seconds:g} s")
        time.sleep(0.01)
