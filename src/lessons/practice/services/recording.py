"""What went over the wire, kept to be looked at; keys are hidden before they are kept."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN = "…"
SHOWN = ("bearer ", "basic ")  # a word that may stand before a key, and stays
WITH_KEYS = {"authorization", "api-key", "x-goog-api-key", "x-amz-security-token"}


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

    Whatever stands where keys stand is hidden, whosesoever it is; a signature is none, and stays.

    Args:
        key: Is hidden wherever else it stands: in an address, or in a text.
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
                path = scope["path"] + (f"?{query}" if query else "")
                self.exchanges.append(
                    Exchange(
                        scope["method"], self._hide(path),
                        self._headers(scope["headers"]), self._read(asked), began["status"],
                        self._headers(began["headers"]), self._read(answered),
                    )
                )  # fmt: skip

        return recorded

    def _headers(self, pairs) -> dict[str, str]:
        found = {}
        for name, value in pairs:
            header, text = name.decode("latin1").lower(), self._hide(value.decode("latin1"))
            if header in WITH_KEYS and "Signature=" not in text:
                kind = next((one for one in SHOWN if text.lower().startswith(one)), "")
                text = text[: len(kind)] + HIDDEN
            found[header] = text
        return found

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _read(self, body: bytearray) -> Any:
        kept = bytes(body)
        for secret in self._secrets:
            kept = kept.replace(secret.encode(), HIDDEN.encode())
        try:
            return json.loads(kept)
        except ValueError:
            return kept
