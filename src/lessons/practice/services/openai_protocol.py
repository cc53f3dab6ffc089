"""OpenAI's protocol, and Azure's, which differs in address, key and errors."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from lessons.practice.services.desk import Writing
from lessons.practice.services.events import event
from lessons.practice.services.keys import bearer, in_header
from lessons.practice.services.protocol import Asked, Call, Given, Protocol, Stream
from lessons.practice.services.refusals import Refusal


class Message(Asked):
    """One turn of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str


class ChatAsked(Asked):
    """The body of `/chat/completions`; Azure has the model in the address."""

    model: str = ""
    messages: list[Message]
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | list[str] = Field(default_factory=list)
    stream: bool = False


class ResponsesAsked(Asked):
    """The body of `/responses`."""

    model: str
    input: str | list[Message]
    instructions: str | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)


class EmbeddingsAsked(Asked):
    """The body of `/embeddings`."""

    model: str
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"


def conversation(messages: list[Message]) -> list[dict[str, str]]:
    """Return the messages in the roles that the book's model knows.

    >>> conversation([Message(role="developer", content="Be brief.")])
    [{'role': 'system', 'content': 'Be brief.'}]
    """
    known = {"developer": "system"}
    return [{"role": known.get(one.role, one.role), "content": one.content} for one in messages]


def usage(writing: Writing) -> dict[str, int]:
    """Return the counts of tokens as chat completions tell them."""
    read, written = writing.prompt_tokens, writing.answer_tokens
    counts = {"prompt_tokens": read, "completion_tokens": written}
    return {**counts, "total_tokens": read + written}


def chat(call: Call) -> Given:
    """Answer `/chat/completions`, in one piece or in many."""
    asked = call.asked
    model = call.path.get("model", asked.model)
    stop = [asked.stop] if isinstance(asked.stop, str) else asked.stop
    writing = call.desk.answer(
        conversation(asked.messages), model=model, stop=stop,
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
    )  # fmt: skip
    if asked.stream:
        return Stream(_chunks(writing, model))
    message = {"role": "assistant", "content": writing.text()}
    choice = {"index": 0, "message": message, "finish_reason": writing.finish}
    return {
        "id": "chatcmpl-book", "object": "chat.completion", "created": 0, "model": model,
        "choices": [choice], "usage": usage(writing),
    }  # fmt: skip


def _chunks(writing: Writing, model: str) -> Iterator[bytes]:
    common = {"id": "chatcmpl-book", "object": "chat.completion.chunk", "created": 0}
    common["model"] = model
    for piece in writing:
        delta = {"role": "assistant", "content": piece}
        yield event({**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    last = {"index": 0, "delta": {}, "finish_reason": writing.finish}
    yield event({**common, "choices": [last], "usage": usage(writing)})
    yield event("[DONE]")


def responses(call: Call) -> Given:
    """Answer `/responses`: the system's text stands beside the input, not in it."""
    asked = call.asked
    turns = [{"role": "user", "content": asked.input}]
    if not isinstance(asked.input, str):
        turns = conversation(asked.input)
    if asked.instructions is not None:
        turns = [{"role": "system", "content": asked.instructions}, *turns]
    writing = call.desk.answer(turns, model=asked.model, max_tokens=asked.max_output_tokens)
    content = {"type": "output_text", "text": writing.text(), "annotations": []}
    status = {"stop": "completed", "length": "incomplete"}[writing.finish or "stop"]
    message = {"id": "msg-book", "type": "message", "role": "assistant", "status": status}
    cut = {"reason": "max_output_tokens"} if status == "incomplete" else None
    read, written = writing.prompt_tokens, writing.answer_tokens
    return {
        "id": "resp-book", "object": "response", "created_at": 0, "model": asked.model,
        "status": status, "incomplete_details": cut, "error": None, "tools": [],
        "tool_choice": "auto", "parallel_tool_calls": True,
        "output": [{**message, "content": [content]}],
        "usage": {
            "input_tokens": read, "output_tokens": written, "total_tokens": read + written,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }  # fmt: skip


def embeddings(call: Call) -> Given:
    """Answer `/embeddings`: numbers as JSON or, to save room, their bytes in base64."""
    asked = call.asked
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    vectors = call.desk.vectors(texts, model=asked.model)
    rows: list[Any] = vectors.tolist()
    if asked.encoding_format == "base64":
        rows = [b64encode(row.numpy().astype("<f4").tobytes()).decode() for row in vectors]
    count = sum(map(call.desk.text_tokens, texts))
    return {
        "object": "list", "model": asked.model,
        "data": [{"object": "embedding", "index": at, "embedding": row}
                 for at, row in enumerate(rows)],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }  # fmt: skip


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as OpenAI does: `error` with a message, a type, the parameter and a code."""
    codes = {"key": "invalid_api_key", "model": "model_not_found", "rate": "rate_limit_exceeded"}
    codes["length"] = "context_length_exceeded"
    kind = "rate_limit_exceeded" if refusal.kind == "rate" else "invalid_request_error"
    error = {"message": refusal.message, "type": kind, "param": refusal.field}
    return {"error": {**error, "code": codes.get(refusal.kind)}}, {}


def refuse_azure(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Azure does: some codes are words, others the status as a text."""
    codes = {"model": "DeploymentNotFound", "length": "context_length_exceeded"}
    code = codes.get(refusal.kind, str(refusal.status))
    return {"error": {"code": code, "message": refusal.message, "param": refusal.field}}, {}


OPENAI = Protocol(
    endpoints={
        "/v1/chat/completions": (ChatAsked, chat),
        "/v1/responses": (ResponsesAsked, responses),
        "/v1/embeddings": (EmbeddingsAsked, embeddings),
    },
    has_key=bearer,
    refuse=refuse,
)
AZURE = Protocol(
    endpoints={"/openai/deployments/{model}/chat/completions": (ChatAsked, chat)},
    has_key=in_header("api-key"),
    refuse=refuse_azure,
    query="api-version",
)
