"""Amazon Bedrock's protocol: one form for all models, or each model's own; and a signature."""

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import Field
from starlette.requests import Request

from lessons.practice.services.desk import Writing
from lessons.practice.services.events import frame
from lessons.practice.services.keys import same_key
from lessons.practice.services.protocol import Asked, Call, Given, Protocol, Stream
from lessons.practice.services.refusals import Refusal

FINISH = {"stop": "end_turn", "length": "max_tokens"}
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/\d+/([\w-]+)/bedrock/aws4_request, "
    r"SignedHeaders=([\w;-]+), Signature=(\w+)"
)


class TextBlock(Asked):
    """A piece of a message or of the system's text."""

    text: str


class Turn(Asked):
    """One turn of a conversation; the system's text is no turn."""

    role: Literal["user", "assistant"]
    content: list[TextBlock]


class Limits(Asked):
    """When an answer ends."""

    maxTokens: int | None = Field(default=None, ge=1)  # noqa: N815  # Amazon's name
    stopSequences: list[str] = Field(default_factory=list)  # noqa: N815


class ConverseAsked(Asked):
    """The body of `converse` and `converse-stream`; the model stands in the address."""

    messages: list[Turn]
    system: list[TextBlock] = Field(default_factory=list)
    inferenceConfig: Limits = Limits()  # noqa: N815


class InvokeAsked(Asked):
    """The body of `invoke` for a model of vectors: in each maker's own form, here Amazon's."""

    inputText: str  # noqa: N815


def _writing(call: Call) -> Writing:
    asked = call.asked
    turns = [{"role": "system", "content": one.text} for one in asked.system]
    for turn in asked.messages:
        turns.append({"role": turn.role, "content": "".join(one.text for one in turn.content)})
    limits = asked.inferenceConfig
    return call.desk.answer(
        turns if asked.messages else [], model=call.path["model"],
        max_tokens=limits.maxTokens, stop=limits.stopSequences,
    )  # fmt: skip


def usage(writing: Writing) -> dict[str, int]:
    """Return the counts of tokens as Bedrock tells them."""
    read, written = writing.prompt_tokens, writing.answer_tokens
    return {"inputTokens": read, "outputTokens": written, "totalTokens": read + written}


def converse(call: Call) -> Given:
    """Answer `converse`."""
    writing = _writing(call)
    message = {"role": "assistant", "content": [{"text": writing.text()}]}
    stopped = FINISH[writing.finish or "stop"]
    told = {"output": {"message": message}, "stopReason": stopped, "usage": usage(writing)}
    return {**told, "metrics": {"latencyMs": 1}}


def converse_stream(call: Call) -> Given:
    """Answer `converse-stream`: the same in binary frames."""
    return Stream(_frames(_writing(call)), "application/vnd.amazon.eventstream")


def _frames(writing: Writing) -> Iterator[bytes]:
    yield frame({"role": "assistant"}, "messageStart")
    for piece in writing:
        delta = {"contentBlockIndex": 0, "delta": {"text": piece}}
        yield frame(delta, "contentBlockDelta")
    yield frame({"contentBlockIndex": 0}, "contentBlockStop")
    yield frame({"stopReason": FINISH[writing.finish or "stop"]}, "messageStop")
    yield frame({"usage": usage(writing), "metrics": {"latencyMs": 1}}, "metadata")


def invoke(call: Call) -> Given:
    """Answer `invoke`: the vector of a text."""
    text = call.asked.inputText
    [vector] = call.desk.vectors([text], model=call.path["model"]).tolist()
    return {"embedding": vector, "inputTextTokenCount": call.desk.text_tokens(text)}


def signed(request: Request, body: bytes, key: str) -> bool:
    """Say whether the request was signed with the key, which does not travel itself.

    The signature is a hash of the request and the key. Whoever has the key can compute it again and
    compare; whoever reads it cannot get the key out of it, nor sign another request.
    """
    found = SIGNED.fullmatch(request.headers.get("authorization", ""))
    if not found:
        return False
    name, region, headers, signature = found.groups()
    shown = {one: request.headers.get(one, "") for one in headers.split(";")}
    path = unquote(request.scope["raw_path"].decode())
    again = AWSRequest(request.method, f"http://{shown.get('host')}{path}", shown, body)
    again.context["timestamp"] = shown.get("x-amz-date", "")
    signer = SigV4Auth(Credentials(name, key), "bedrock", region)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    return same_key(signature, signer.signature(text, again))


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Amazon does: what kind it is stands in a header."""
    kinds = {"key": "InvalidSignatureException", "rate": "ThrottlingException"}
    kinds["path"] = "UnknownOperationException"
    kind = kinds.get(refusal.kind, "ValidationException")
    return {"message": refusal.message}, {"x-amzn-errortype": kind}


BEDROCK = Protocol(
    endpoints={
        "/model/{model}/converse": (ConverseAsked, converse),
        "/model/{model}/converse-stream": (ConverseAsked, converse_stream),
        "/model/{model}/invoke": (InvokeAsked, invoke),
    },
    has_key=signed,
    refuse=refuse,
    statuses={"key": 403, "model": 400},
)
