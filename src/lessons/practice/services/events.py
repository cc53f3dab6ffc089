"""How answers come in pieces: server-sent events, and Amazon's binary frames."""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any


def event(data: Mapping[str, Any] | str, name: str | None = None) -> bytes:
    r"""Return a server-sent event: lines of text, and an empty one that ends it.

    Args:
        data: An object, sent as JSON, or a text.
        name: What kind of event it is.

    >>> event({"text": "Hi"}, "delta")
    b'event: delta\ndata: {"text": "Hi"}\n\n'
    """
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def frame(data: Mapping[str, Any], name: str) -> bytes:
    """Return one message of Amazon's event stream: lengths, headers, JSON, and two checksums.

    Args:
        data: The event.
        name: What kind of event it is.

    >>> message = frame({}, "messageStop")
    >>> int.from_bytes(message[:4], "big") == len(message)
    True
    """
    told = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for key, value in told.items()
    )
    body = json.dumps(data).encode()
    begin = struct.pack(">II", len(headers) + len(body) + 16, len(headers))
    message = begin + struct.pack(">I", zlib.crc32(begin)) + headers + body
    return message + struct.pack(">I", zlib.crc32(message))
