"""Cohere's protocol: chat, embeddings that ask what they are for, labels, and reranking."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from lessons.practice.services.desk import Writing
from lessons.practice.services.events import event
from lessons.practice.services.keys import bearer
from lessons.practice.services.protocol import Asked, Call, Given, Protocol, Stream
from lessons.practice.services.refusals import Refusal

FINISH = {"stop": "COMPLETE", "length": "MAX_TOKENS"}


class Turn(Asked):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatAsked(Asked):
    """The body of `/v2/chat`."""

    model: str
    messages: list[Turn]
    max_tokens: int | None = Field(default=None, ge=1)
    stop_sequences: list[str] = Field(default_factory=list)
    stream: bool = False


class EmbedAsked(Asked):
    """The body of `/v2/embed`: without what it is for, there is no vector."""

    model: str
    texts: list[str]
    input_type: Literal["search_document", "search_query", "classification", "clustering"]


class Example(Asked):
    """A text and its label."""

    text: str
    label: str


class ClassifyAsked(Asked):
    """The body of `/v1/classify`."""

    model: str = "minilm"
    inputs: list[str]
    examples: list[Example]


class RerankAsked(Asked):
    """The body of `/v2/rerank`."""

    model: str
    query: str
    documents: list[str]
    top_n: int | None = Field(default=None, ge=1)


def chat(call: Call) -> Given:
    """Answer `/v2/chat`."""
    asked = call.asked
    writing = call.desk.answer(
        [{"role": one.role, "content": one.content} for one in asked.messages],
        model=asked.model, max_tokens=asked.max_tokens, stop=asked.stop_sequences,
    )  # fmt: skip
    if asked.stream:
        return Stream(_events(writing))
    content = [{"type": "text", "text": writing.text()}]
    return {
        "id": "chat-book", "finish_reason": FINISH[writing.finish or "stop"],
        "message": {"role": "assistant", "content": content}, "usage": usage(writing),
    }  # fmt: skip


def usage(writing: Writing) -> dict[str, dict[str, int]]:
    """Return what is billed, and what the model read and wrote."""
    counts = {"input_tokens": writing.prompt_tokens, "output_tokens": writing.answer_tokens}
    return {"billed_units": counts, "tokens": counts}


def _events(writing: Writing) -> Iterator[bytes]:
    def told(kind: str, **rest: Any) -> bytes:
        return event({"type": kind, **rest}, kind)

    begin = {"message": {"role": "assistant", "content": []}}
    yield told("message-start", id="chat-book", delta=begin)
    empty = {"message": {"content": {"type": "text", "text": ""}}}
    yield told("content-start", index=0, delta=empty)
    for piece in writing:
        yield told("content-delta", index=0, delta={"message": {"content": {"text": piece}}})
    yield told("content-end", index=0)
    end = {"finish_reason": FINISH[writing.finish or "stop"], "usage": usage(writing)}
    yield told("message-end", id="chat-book", delta=end)


def embed(call: Call) -> Given:
    """Answer `/v2/embed`; the book's encoder makes the same vector for each purpose."""
    asked = call.asked
    vectors = call.desk.vectors(asked.texts, model=asked.model).tolist()
    count = sum(map(call.desk.text_tokens, asked.texts))
    meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": count}}
    return {
        "id": "embed-book",
        "embeddings": {"float": vectors},
        "texts": asked.texts,
        "meta": meta,
    }


def classify(call: Call) -> Given:
    """Answer `/v1/classify`: labels are learned from the examples in the request."""
    asked = call.asked
    examples: dict[str, list[str]] = {}
    for one in asked.examples:
        examples.setdefault(one.label, []).append(one.text)
    answers = []
    rows = call.desk.shares(asked.inputs, examples, model=asked.model)
    for at, (text, shares) in enumerate(zip(asked.inputs, rows, strict=True)):
        best = max(shares, key=shares.__getitem__)
        answers.append({
            "id": f"text-{at}", "input": text, "classification_type": "single-label",
            "prediction": best, "predictions": [best],
            "confidence": shares[best], "confidences": [shares[best]],
            "labels": {label: {"confidence": share} for label, share in shares.items()},
        })  # fmt: skip
    return {"id": "classify-book", "classifications": answers, "meta": {}}


def rerank(call: Call) -> Given:
    """Answer `/v2/rerank`: the documents by how near they are to the query."""
    asked = call.asked
    query, *documents = call.desk.vectors([asked.query, *asked.documents], model=asked.model)
    scores = [float(query @ one) for one in documents]
    order = sorted(range(len(scores)), key=lambda at: -scores[at])[: asked.top_n]
    results = [{"index": at, "relevance_score": scores[at]} for at in order]
    return {"id": "rerank-book", "results": results, "meta": {"billed_units": {"search_units": 1}}}


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Cohere does: a message, and an id to ask about."""
    return {"id": "refused-book", "message": refusal.message}, {}


COHERE = Protocol(
    endpoints={
        "/v2/chat": (ChatAsked, chat),
        "/v2/embed": (EmbedAsked, embed),
        "/v1/classify": (ClassifyAsked, classify),
        "/v2/rerank": (RerankAsked, rerank),
    },
    has_key=bearer,
    refuse=refuse,
)
