"""The protocol of Hugging Face's inference: OpenAI's for chats, tasks by name for the rest."""

from typing import Any

from lessons.practice.services.keys import bearer
from lessons.practice.services.openai_protocol import ChatAsked, chat
from lessons.practice.services.protocol import Asked, Call, Given, Protocol
from lessons.practice.services.refusals import Refusal


class FeaturesAsked(Asked):
    """The body of `feature-extraction`."""

    inputs: str | list[str]


class Labels(Asked):
    """Among which labels to choose."""

    candidate_labels: list[str]


class ZeroShotAsked(Asked):
    """The body of zero-shot classification."""

    inputs: str
    parameters: Labels


def features(call: Call) -> Given:
    """Answer `feature-extraction`: bare vectors, without a count of tokens."""
    given = call.asked.inputs
    texts = [given] if isinstance(given, str) else given
    vectors = call.desk.vectors(texts, model=call.path["model"]).tolist()
    return vectors[0] if isinstance(given, str) else vectors


def zero_shot(call: Call) -> Given:
    """Answer zero-shot classification: the labels' own words are their examples."""
    asked = call.asked
    examples = {label: [label] for label in asked.parameters.candidate_labels}
    [shares] = call.desk.shares([asked.inputs], examples, model=call.path["model"])
    order = sorted(shares, key=shares.__getitem__, reverse=True)
    return [{"label": label, "score": shares[label]} for label in order]


def refuse(refusal: Refusal) -> tuple[dict[str, Any], dict[str, str]]:
    """Say no as Hugging Face does: a sentence."""
    return {"error": refusal.message}, {}


TASK = "/hf-inference/models/{model}"
HUGGINGFACE = Protocol(
    endpoints={
        "/v1/chat/completions": (ChatAsked, chat),
        f"{TASK}/pipeline/feature-extraction": (FeaturesAsked, features),
        TASK: (ZeroShotAsked, zero_shot),
    },
    has_key=bearer,
    refuse=refuse,
)
