"""The same question to each service, its answer in pieces."""

import os
from collections.abc import Iterator


def openai(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream OpenAI's chat completions."""
    from openai import OpenAI

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    with OpenAI(timeout=30, max_retries=0) as client:
        for chunk in client.chat.completions.create(
            model=model, messages=turns, max_completion_tokens=max_tokens, stop=stop, stream=True
        ):
            yield chunk.choices[0].delta.content or ""


def cohere(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream Cohere's chat: events of several kinds, some of which bring text."""
    from cohere import ClientV2

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    with ClientV2(base_url=os.environ.get("CO_API_URL"), timeout=30) as client:
        for event in client.chat_stream(
            model=model, messages=turns, max_tokens=max_tokens, stop_sequences=[stop]
        ):
            if event.type == "content-delta":
                yield event.delta.message.content.text


def bedrock(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream Amazon Bedrock's converse."""
    import boto3
    from botocore.config import Config

    limits = Config(read_timeout=30, retries={"total_max_attempts": 1})
    answer = (
        boto3.Session()
        .client("bedrock-runtime", config=limits)
        .converse_stream(
            modelId=model,
            system=[{"text": rules}],
            messages=[{"role": "user", "content": [{"text": question}]}],
            inferenceConfig={"maxTokens": max_tokens, "stopSequences": [stop]},
        )
    )
    for event in answer["stream"]:
        if "contentBlockDelta" in event:
            yield event["contentBlockDelta"]["delta"]["text"]


def gemini(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream Google's Gemini API."""
    from google import genai

    limits = {"max_output_tokens": max_tokens, "stop_sequences": [stop]}
    with genai.Client(http_options={"timeout": 30_000}) as client:
        for chunk in client.models.generate_content_stream(
            model=model, contents=question, config={"system_instruction": rules, **limits}
        ):
            yield chunk.text or ""


def huggingface(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream Hugging Face's inference."""
    from huggingface_hub import InferenceClient

    with InferenceClient(base_url=os.environ["HF_URL"], timeout=30) as client:
        for chunk in client.chat_completion(
            [{"role": "system", "content": rules}, {"role": "user", "content": question}],
            model=model,
            max_tokens=max_tokens,
            stop=[stop],
            stream=True,
        ):
            yield chunk.choices[0].delta.content or ""


def ollama(
    rules: str, question: str, max_tokens: int, stop: str, model: str = "smollm2"
) -> Iterator[str]:
    """Stream Ollama's chat."""
    from ollama import Client

    with Client(timeout=30) as client:
        for chunk in client.chat(
            model=model,
            messages=[{"role": "system", "content": rules}, {"role": "user", "content": question}],
            options={"num_predict": max_tokens, "stop": [stop], "temperature": 0.0},
            stream=True,
        ):
            yield chunk.message.content or ""
