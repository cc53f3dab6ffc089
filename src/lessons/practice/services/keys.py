"""Where a request shows its key: each service looks in another place."""

from base64 import b64decode
from collections.abc import Callable
from secrets import compare_digest

from starlette.requests import Request

HasKey = Callable[[Request, bytes, str], bool]


def bearer(request: Request, body: bytes, key: str) -> bool:
    """Say whether `Authorization: Bearer …` shows the key.

    >>> headers = [(b"authorization", b"Bearer abc")]
    >>> bearer(Request({"type": "http", "headers": headers}), b"", "abc")
    True
    """
    return same_key(request.headers.get("authorization", ""), f"Bearer {key}")


def in_header(name: str) -> HasKey:
    """Return what says whether a header of this name is the key.

    >>> request = Request({"type": "http", "headers": [(b"api-key", b"abc")]})
    >>> in_header("api-key")(request, b"", "abc")
    True
    """

    def has_key(request: Request, body: bytes, key: str) -> bool:
        return same_key(request.headers.get(name, ""), key)

    return has_key


def as_password(request: Request, body: bytes, key: str) -> bool:
    """Say whether the key is the password of the user *apikey*, as Basic authentication sends it.

    >>> headers = [(b"authorization", b"Basic YXBpa2V5OmFiYw==")]
    >>> as_password(Request({"type": "http", "headers": headers}), b"", "abc")
    True
    """
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        shown = b64decode(text, validate=True).decode()
    except ValueError:
        return False
    return kind == "Basic" and same_key(shown, f"apikey:{key}")


def same_key(shown: str, expected: str) -> bool:
    """Compare in a time that does not tell how much of it was right.

    >>> same_key("abc", "abd")
    False
    """
    return compare_digest(shown.encode(), expected.encode())
