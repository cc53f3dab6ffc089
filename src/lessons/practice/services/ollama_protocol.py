"""Ollama's protocol: lines of JSON, and a conversation that is shortened where others refuse it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from lessons.practice.services.desk import Desk, Writing
from lessons.practice.services.keys import bearer
from lessons.practice.services.protocol import Asked, Call, Given, Protocol, Stream
from lessons.practice.services.refusals import Refusal

WHEN = "2026-11-01T00:00:00Z"
Said = Callable[[str], dict[str, Any]]


class Turn(Asked):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str = ""


class Options(Asked):
    """What is otherwise said in a Modelfile: at most so many tokens are written, and read."""

    num_predict: int = -1
    num_ctx: int | None = Field(default=None, ge=1)
    stop: list[str] = Field(default_factory=list)


class ChatAsked(Asked):
    """The body of `/api/chat`."""

    model: str
    messages: list[Turn] = Field(default_factory=list)
    stream: bool = True
    options: Options = Field(default_factory=Options)


class GenerateAsked(Asked):
    """The body of `/api/generate`."""

    model: str
    prompt: str = ""
    system: str = ""
    stream: bool = True
    options: Options = Field(default_factory=Options)


class EmbedAsked(Asked):
    """The body of `/api/embed`."""

    model: str
    input: str | list[str]


def fitting(
    desk: Desk, turns: Sequence[Mapping[str, str]], context: int
) -> Sequence[Mapping[str, str]]:
    """Leave the oldest turns out until the rest fits; rules stay, and so does the last turn.

    Raises:
        Refusal: The last turn and the rules alone do not fit.
    """
    for at in range(len(turns)):
        rules = [one for one in turns[:at] if one["role"] == "system"]
        left = [*rules, *turns[at:]]
        if len(desk.prompt_ids(left)) < context:
            return left
    raise Refusal("length", "the prompt is longer than the context: shorten it", "messages")


def chat(call: Call) -> Given:
    """Answer `/api/chat`, in lines unless one piece is asked for."""
    asked = call.asked
    turns = [{"role": one.role, "content": one.content} for one in asked.messages]
    return _answer(call, turns, lambda text: {"message": {"role": "assistant", "content": text}})


def generate(call: Call) -> Given:
    """Answer `/api/generate`: a prompt becomes a conversation of one turn."""
    asked = call.asked
    pairs = (("system", asked.system), ("user", asked.prompt))
    turns = [{"role": role, "content": text} for role, text in pairs if text]
    return _answer(call, turns if asked.prompt else [], lambda text: {"response": text})


def embed(call: Call) -> Given:
    """Answer `/api/embed`; a text that is too long is refused, as with Ollama's truncate=false."""
    asked = call.asked
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    vectors: list[list[float]] = []
    if texts:
        vectors = call.desk.vectors(texts, model=_untagged(asked.model)).tolist()
    count = sum(map(call.desk.text_tokens, texts))
    return {"model": asked.model, "embeddings": vectors, "prompt_eval_count": count}


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Ollama does: a sentence."""
    return {"error": refusal.message}, {}


def _untagged(model: str) -> str:
    return model.removesuffix(":latest")


def _answer(call: Call, turns: list[dict[str, str]], said: Said) -> Given:
    asked, desk = call.asked, call.desk
    common = {"model": asked.model, "created_at": WHEN}
    if not turns:  # then Ollama loads the model, and says no more
        desk.answer([{"role": "user", "content": ""}], model=_untagged(asked.model), max_tokens=1)
        last = {**common, **said(""), "done": True, "done_reason": "load"}
        return Stream(iter([_line(last)]), "application/x-ndjson") if asked.stream else last
    context = min(asked.options.num_ctx or desk.context, desk.context)
    left = fitting(desk, turns, context)
    room = context - len(desk.prompt_ids(left))
    most = room if asked.options.num_predict < 1 else min(asked.options.num_predict, room)
    writing = desk.answer(
        left, model=_untagged(asked.model), max_tokens=most, stop=asked.options.stop
    )
    if asked.stream:
        return Stream(_lines(writing, common, said), "application/x-ndjson")
    begun = time.perf_counter_ns()
    text = writing.text()
    return {**common, **said(text), **_ended(writing, begun)}


def _lines(writing: Writing, common: dict[str, Any], said: Said) -> Iterator[bytes]:
    """Return the lines; a fault on the way becomes one, for the status is sent long before."""
    begun = time.perf_counter_ns()
    try:
        for piece in writing:
            yield _line({**common, **said(piece), "done": False})
    except ConnectionError:
        yield _line({"error": "an error was encountered while running the model"})
        return
    yield _line({**common, **said(""), **_ended(writing, begun)})


def _ended(writing: Writing, begun: int) -> dict[str, Any]:
    """Return why it ended, and its counts: durations are in billionths of a second."""
    return {
        "done": True, "done_reason": writing.finish, "prompt_eval_count": writing.prompt_tokens,
        "eval_count": writing.answer_tokens, "total_duration": time.perf_counter_ns() - begun,
    }  # fmt: skip


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


OLLAMA = Protocol(
    endpoints={
        "/api/chat": (ChatAsked, chat),
        "/api/generate": (GenerateAsked, generate),
        "/api/embed": (EmbedAsked, embed),
    },
    has_key=bearer,
    refuse=refuse,
)
