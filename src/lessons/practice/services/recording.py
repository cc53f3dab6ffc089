"""What went over the wire, kept to be looked at; keys are hidden before they are kept."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN = "…"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; the bodies as JSON where they are JSON, and as bytes if not."""

    method: str
    path: str
    headers: Mapping[str, str]
    asked: Any
    status: int
    answer_headers: Mapping[str, str]
    answered: Any


class Recorder:
    """Keeps each exchange with an application.

    Args:
        key: Is hidden wherever it stands.
    """

    def __init__(self, key: str):
        encoded = base64.b64encode(f"apikey:{key}".encode()).decode()
        self._secrets = (key, encoded)
        self.exchanges: list[Exchange] = []
        self.begun = 0  # calls, of which those that have ended are among the exchanges

    def around(self, app: Callable) -> Callable:
        """Return an application that does as the given one, and keeps what is said."""

        async def recorded(scope, receive, send):
            if scope["type"] != "http":
                return await app(scope, receive, send)
            self.begun += 1
            asked, answered = bytearray(), bytearray()
            began: dict[str, Any] = {"status": 0, "headers": []}

            async def receive_and_keep():
                message = await receive()
                asked.extend(message.get("body", b""))
                return message

            async def send_and_keep(message):
                if message["type"] == "http.response.start":
                    began.update(message)
                answered.extend(message.get("body", b""))
                await send(message)

            try:
                await app(scope, receive_and_keep, send_and_keep)
            finally:
                query = scope["query_string"].decode()
                self.exchanges.append(
                    Exchange(
                        scope["method"], scope["path"] + (f"?{query}" if query else ""),
                        self._headers(scope["headers"]), _read(bytes(asked)), began["status"],
                        self._headers(began["headers"]), _read(bytes(answered)),
                    )
                )  # fmt: skip

        return recorded

    def _headers(self, pairs) -> dict[str, str]:
        found = {}
        for name, value in pairs:
            text = value.decode("latin1")
            for secret in self._secrets:
                text = text.replace(secret, HIDDEN)
            found[name.decode("latin1").lower()] = text
        return found


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
