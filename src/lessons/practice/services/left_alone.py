"""How often each client tries when nobody tells it how often."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lessons.practice.services.serving import LocalServices

TURN = {"role": "user", "content": "Hello"}


def openai() -> None:
    """Ask OpenAI, all options left as they are."""
    from openai import OpenAI

    with OpenAI() as client:
        client.chat.completions.create(model="smollm2", messages=[TURN])


def cohere() -> None:
    """Ask Cohere."""
    from cohere import ClientV2

    with ClientV2(base_url=os.environ.get("CO_API_URL")) as client:
        client.chat(model="smollm2", messages=[TURN])


def bedrock() -> None:
    """Ask Amazon Bedrock."""
    import boto3

    turn = {"role": "user", "content": [{"text": "Hello"}]}
    boto3.Session().client("bedrock-runtime").converse(modelId="smollm2", messages=[turn])


def gemini() -> None:
    """Ask Google's Gemini API."""
    from google import genai

    with genai.Client() as client:
        client.models.generate_content(model="smollm2", contents="Hello")


def huggingface() -> None:
    """Ask Hugging Face."""
    from huggingface_hub import InferenceClient

    with InferenceClient(base_url=os.environ["HF_URL"]) as client:
        client.chat_completion([TURN], model="smollm2")


ALONE: Mapping[str, Callable[[], None]] = {
    "OpenAI": openai,
    "Cohere": cohere,
    "Amazon Bedrock": bedrock,
    "Google Gemini": gemini,
    "Hugging Face": huggingface,
}


def tries_when_left_alone(services: LocalServices) -> dict[str, int]:
    """Return how many calls each client makes before it gives up a server that refuses them all.

    The clients ask beside each other, for nearly all of their time is waiting.

    Args:
        services: Whose record is counted; the environment leads the clients there.

    Raises:
        ValueError: A service answers.
    """
    before = len(services.exchanges)
    with ThreadPoolExecutor(len(ALONE)) as pool:
        asked = {name: pool.submit(ask) for name, ask in ALONE.items()}
    for name, call in asked.items():
        if call.exception() is None:  # each client has its own
            raise ValueError(f"{name} answers: pass services whose desk refuses or fails")
    # The first part of an address is the name of the protocol, and so of the function.
    made = Counter(one.path.split("/")[1] for one in services.exchanges[before:])
    return {name: made[ask.__name__] for name, ask in ALONE.items()}
