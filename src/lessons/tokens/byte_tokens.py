"""Tokens that are bytes: the 256 that a vocabulary begins with, and how any of them is shown."""


def single_bytes() -> list[bytes]:
    """Return the 256 tokens that each byte-level vocabulary begins with, in GPT-2's order.

    Bytes that print as a sign in Latin-1 come first, so that "!" is token 0 and "A" token 32;
    then all the others, so that the space is token 220.

    >>> single_bytes()[0], single_bytes()[32], single_bytes().index(b" ")
    (b'!', b'A', 220)
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [bytes([byte]) for byte in printable + others]


def readable(token: bytes) -> str:
    r"""Return how a token is shown: a space as "·", and bytes that are no whole character in hex.

    >>> readable(b" cat"), readable(b"\n"), readable("é".encode()[:1])
    ('·cat', '\\n', '<C3>')
    """
    try:
        shown = token.decode("utf-8")
    except UnicodeDecodeError:
        return f"<{token.hex(' ').upper()}>"
    return "".join(
        "·" if one == " " else one if one.isprintable() else repr(one)[1:-1] for one in shown
    )
