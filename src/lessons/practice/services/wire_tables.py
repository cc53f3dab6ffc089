"""Tables of what services do differently, made from recorded calls."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lessons.practice.services.recording import HIDDEN, Exchange


def path_to(tree: Any, value: Any) -> str:
    """Return where a value stands in JSON, or a dash.

    Args:
        tree: Lists and dictionaries, in each other.
        value: What is looked for; the first place counts.

    >>> path_to({"messages": [{"role": "user", "content": "Hi"}]}, "Hi")
    'messages[0].content'
    """
    pairs: Sequence[tuple[str, Any]] = []
    if isinstance(tree, dict):
        pairs = [(f".{name}", one) for name, one in tree.items()]
    elif isinstance(tree, list):
        pairs = [(f"[{at}]", one) for at, one in enumerate(tree)]
    for step, one in pairs:
        if type(one) is type(value) and one == value:
            return step.removeprefix(".")
        if (rest := path_to(one, value)) != "–":
            return (step + ("" if rest.startswith("[") else ".") + rest).removeprefix(".")
    return "–"


def request_rows(
    spoken: Mapping[str, Exchange], *, rules: str, question: str, max_tokens: int
) -> list[list[str]]:
    """Return for each service where a request has its address, key, texts and limit.

    Args:
        spoken: The recorded call of each service.
        rules: The system's text in it.
        question: The user's.
        max_tokens: How long the answer might be; no other number of the call.

    >>> headers = {"authorization": "Bearer …"}
    >>> call = Exchange("POST", "/a/v1/chat", headers, {"q": "Hi", "n": 5}, 200, {}, {})
    >>> request_rows({"A": call}, rules="Be brief.", question="Hi", max_tokens=5)
    [['A', '`/v1/chat`', '`authorization: Bearer …`', '`–`', '`q`', '`n`']]
    """
    rows = []
    for name, one in spoken.items():
        address = "/" + one.path.split("/", 2)[2]
        places = [path_to(one.asked, value) for value in (rules, question, max_tokens)]
        rows.append([name, *(f"`{cell}`" for cell in (address, _key_of(one), *places))])
    return rows


def answer_rows(
    spoken: Mapping[str, Exchange], *, text: str, read: int, written: int
) -> list[list[str]]:
    """Return for each service where an answer has its text and counts, whose it is, and its end.

    Args:
        spoken: The recorded call of each service.
        text: The answer.
        read: How many tokens the prompt has.
        written: How many the answer has.

    >>> answered = {"role": "model", "t": "Hi", "in": 9, "out": 2}
    >>> call = Exchange("POST", "/a", {}, {}, 200, {}, answered)
    >>> answer_rows({"A": call}, text="Hi", read=9, written=2)
    [['A', '`t`', '`in`', '`out`', '`model`', '–']]
    """
    rows = []
    for name, one in spoken.items():
        places = [f"`{path_to(one.answered, value)}`" for value in (text, read, written)]
        names = "finish_?[rR]eason|stopReason|done_reason|status"
        role = re.search(r"'role': '(\w+)'", str(one.answered))
        reason = re.search(rf"'({names})': '(\w+)'", str(one.answered))
        ended = f"`{reason[1]}: {reason[2]}`" if reason else "–"
        rows.append([name, *places, f"`{role[1]}`" if role else "–", ended])
    return rows


def stream_rows(spoken: Mapping[str, Exchange], *, stop: str) -> list[list[str]]:
    r"""Return for each service how its stream comes, begins, ends, and is told to stop.

    Args:
        spoken: The recorded stream of each service.
        stop: The text at which the answer was to stop.

    >>> sent = {"content-type": "text/event-stream"}
    >>> lines = b"data: 1\n\ndata: [DONE]\n\n"
    >>> call = Exchange("POST", "/a", {}, {"end": "."}, 200, sent, lines)
    >>> stream_rows({"A": call}, stop=".")
    [['A', '`text/event-stream`', '`data: 1`', '`data: [DONE]`', '`end`']]
    """
    rows = []
    for name, one in spoken.items():
        kind = one.answer_headers["content-type"].split(";")[0]
        events = _beginnings(one.answered)
        cells = (kind, events[0], events[-1], path_to(one.asked, stop))
        rows.append([name, *(f"`{cell}`" for cell in cells)])
    return rows


def refusal_cell(exchange: Exchange, error: Exception) -> str:
    """Return how a service refused: the status, its word for it, and what the client raised.

    >>> call = Exchange("POST", "/a", {}, {}, 401, {}, {"error": {"code": "bad_key"}})
    >>> refusal_cell(call, KeyError())
    '401 `bad_key`: KeyError'
    """
    words: list[str | None] = [exchange.answer_headers.get("x-amzn-errortype", "")]
    error_body = exchange.answered.get("error", exchange.answered)
    [error_body] = exchange.answered.get("errors", [error_body])
    if isinstance(error_body, dict):
        words += [error_body.get(name) for name in ("status", "code")]
    word = next((one for one in words if one and isinstance(one, str)), None)
    told = f" `{word}`" if word else ""
    return f"{exchange.status}{told}: {type(error).__name__}"


def wire_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown.

    >>> print(wire_table(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _key_of(one: Exchange) -> str:
    for name, value in one.headers.items():
        if HIDDEN in value or "Signature=" in value:
            return f"{name}: {re.sub('Credential=.*', HIDDEN, value)}"
    return "–"


def _beginnings(stream: bytes) -> list[str]:
    """Return how each event begins; of a binary frame, its name; of Ollama's lines, their state."""
    names = re.findall(rb":event-type\x07..(\w+)\r:content-type", stream, re.DOTALL)
    if names:
        return [f":event-type {name.decode()}" for name in names]
    if b"\n\n" not in stream:  # each line is JSON, and an event
        return re.findall(r'"done": \w+', stream.decode())
    lines = [event.split("\n")[0] for event in stream.decode().strip().split("\n\n")]
    return [line if len(line) < 28 else line[:26] + HIDDEN for line in lines]
