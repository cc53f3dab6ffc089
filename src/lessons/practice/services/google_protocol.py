"""Google's protocol: the Gemini API, and Vertex AI with other addresses and another key."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from lessons.practice.services.desk import Writing
from lessons.practice.services.events import event
from lessons.practice.services.keys import bearer, in_header
from lessons.practice.services.protocol import Asked, Call, Given, Protocol, Stream
from lessons.practice.services.refusals import Refusal


class Part(Asked):
    """A piece of a text."""

    text: str


class Content(Asked):
    """One turn; what others call the assistant is the *model*, and the system is no turn."""

    role: Literal["user", "model"] = "user"
    parts: list[Part]

    def text(self) -> str:
        """Return the pieces in one."""
        return "".join(part.text for part in self.parts)


class Limits(Asked):
    """When an answer ends."""

    maxOutputTokens: int | None = Field(default=None, ge=1)  # noqa: N815  # Google's name
    stopSequences: list[str] = Field(default_factory=list)  # noqa: N815


class GenerateAsked(Asked):
    """The body of `generateContent` and of its stream; the model stands in the address."""

    contents: list[Content]
    systemInstruction: Content | None = None  # noqa: N815
    generationConfig: Limits = Limits()  # noqa: N815


class EmbedOne(Asked):
    """A text to embed."""

    content: Content


class BatchAsked(Asked):
    """The body of `batchEmbedContents`."""

    requests: list[EmbedOne]


def _writing(call: Call) -> Writing:
    asked = call.asked
    turns = [
        {"role": "assistant" if one.role == "model" else "user", "content": one.text()}
        for one in asked.contents
    ]
    if turns and asked.systemInstruction is not None:
        turns = [{"role": "system", "content": asked.systemInstruction.text()}, *turns]
    limits = asked.generationConfig
    return call.desk.answer(
        turns,
        model=call.path["model"],
        max_tokens=limits.maxOutputTokens,
        stop=limits.stopSequences,
    )


def _told(text: str, writing: Writing) -> dict[str, Any]:
    candidate: dict[str, Any] = {
        "index": 0,
        "content": {"role": "model", "parts": [{"text": text}]},
    }
    if writing.finish:
        candidate["finishReason"] = {"stop": "STOP", "length": "MAX_TOKENS"}[writing.finish]
    read, written = writing.prompt_tokens, writing.answer_tokens
    counts = {"promptTokenCount": read, "candidatesTokenCount": written}
    counts["totalTokenCount"] = read + written
    return {"candidates": [candidate], "usageMetadata": counts}


def generate(call: Call) -> Given:
    """Answer `generateContent`."""
    writing = _writing(call)
    return _told(writing.text(), writing)


def stream_generate(call: Call) -> Given:
    """Answer `streamGenerateContent`: each piece has the form of a whole answer."""
    writing = _writing(call)

    def parts() -> Iterator[bytes]:
        for piece in writing:
            yield event(_told(piece, writing))
        yield event(_told("", writing))

    return Stream(parts())


def embed(call: Call) -> Given:
    """Answer `batchEmbedContents`."""
    texts = [one.content.text() for one in call.asked.requests]
    vectors = call.desk.vectors(texts, model=call.path["model"]).tolist()
    return {"embeddings": [{"values": vector} for vector in vectors]}


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Google does: the status as a number and as a word."""
    words = {401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
    status = words.get(refusal.status, "INVALID_ARGUMENT")
    return {"error": {"code": refusal.status, "message": refusal.message, "status": status}}, {}


GEMINI = Protocol(
    endpoints={
        "/v1/models/{model}:generateContent": (GenerateAsked, generate),
        "/v1/models/{model}:streamGenerateContent": (GenerateAsked, stream_generate),
        "/v1/models/{model}:batchEmbedContents": (BatchAsked, embed),
    },
    has_key=in_header("x-goog-api-key"),
    refuse=refuse,
    statuses={"key": 400},
)
PLACE = "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}"
VERTEX = Protocol(
    endpoints={
        f"{PLACE}:generateContent": (GenerateAsked, generate),
        f"{PLACE}:streamGenerateContent": (GenerateAsked, stream_generate),
    },
    has_key=bearer,
    refuse=refuse,
)
