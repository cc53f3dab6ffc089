"""IBM's watsonx: OpenAI's conversation in an envelope of its own, with a project beside the key."""

from typing import Any

from pydantic import Field

from lessons.practice.services.keys import bearer
from lessons.practice.services.openai_protocol import Message, conversation, usage
from lessons.practice.services.protocol import Asked, Call, Given, Protocol
from lessons.practice.services.refusals import Refusal


class ChatAsked(Asked):
    """The body of `/ml/v1/text/chat`."""

    model_id: str
    project_id: str = Field(min_length=1)
    messages: list[Message]
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: list[str] = Field(default_factory=list)


def chat(call: Call) -> Given:
    """Answer `/ml/v1/text/chat`."""
    asked = call.asked
    writing = call.desk.answer(
        conversation(asked.messages), model=asked.model_id, stop=asked.stop,
        max_tokens=asked.max_completion_tokens,
    )  # fmt: skip
    message = {"role": "assistant", "content": writing.text()}
    choice = {"index": 0, "message": message, "finish_reason": writing.finish}
    return {
        "id": "chat-book", "model_id": asked.model_id, "created": 0,
        "choices": [choice], "usage": usage(writing),
    }  # fmt: skip


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as watsonx does: a list of errors, each with a code and a message."""
    codes = {"key": "authentication_token_not_valid", "model": "model_not_supported"}
    codes["rate"] = "rate_limit_reached_requests"
    code = codes.get(refusal.kind, "invalid_request_entity")
    errors = [{"code": code, "message": refusal.message}]
    return {"errors": errors, "trace": "book", "status_code": refusal.status}, {}


WATSONX = Protocol(
    endpoints={"/ml/v1/text/chat": (ChatAsked, chat)},
    has_key=bearer,
    refuse=refuse,
    query="version",
)
