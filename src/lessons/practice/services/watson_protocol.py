"""IBM's Watson Natural Language Understanding: one text, several questions about it."""

from typing import Any

from pydantic import Field

from lessons.practice.services.keys import as_password
from lessons.practice.services.protocol import Asked, Call, Given, Protocol
from lessons.practice.services.refusals import Refusal

# What the book's encoder is shown of either feeling.
FEELINGS = {
    "positive": ["I love it, it is wonderful.", "What a great and happy day!"],
    "negative": ["I hate it, it is terrible.", "What a sad and awful day!"],
}


class Features(Asked):
    """What is wanted to be known; this server knows the feeling alone."""

    sentiment: dict


class AnalyzeAsked(Asked):
    """The body of `/v1/analyze`."""

    text: str = Field(min_length=1)
    features: Features


def analyze(call: Call) -> Given:
    """Answer `/v1/analyze`: the feeling of a document, from -1 to 1; the model is not named."""
    text = call.asked.text
    [shares] = call.desk.shares([text], FEELINGS, model=call.desk.names[1])
    score = shares["positive"] - shares["negative"]
    label = "positive" if score > 0 else "negative"
    counted = {"text_units": 1 + len(text) // 10_000, "text_characters": len(text), "features": 1}
    document = {"score": score, "label": label}
    return {"usage": counted, "language": "en", "sentiment": {"document": document}}


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as IBM does: a sentence and the status."""
    return {"error": refusal.message, "code": refusal.status}, {}


WATSON = Protocol(
    endpoints={"/v1/analyze": (AnalyzeAsked, analyze)},
    has_key=as_password,
    refuse=refuse,
    query="version",
)
