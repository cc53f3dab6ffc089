"""Texts to vectors by each service that has them, and documents in the order of a query."""

import json
import os


def openai(texts: list[str]) -> list[list[float]]:
    """Embed with OpenAI."""
    from openai import OpenAI

    with OpenAI(timeout=30, max_retries=0) as client:
        return [one.embedding for one in client.embeddings.create(model="minilm", input=texts).data]


def cohere(texts: list[str]) -> list[list[float]]:
    """Embed with Cohere, which wants to know what for."""
    from cohere import ClientV2

    with ClientV2(base_url=os.environ.get("CO_API_URL"), timeout=30) as client:
        answer = client.embed(
            model="minilm", texts=texts, input_type="search_document", embedding_types=["float"]
        )
    return answer.embeddings.float_


def bedrock(texts: list[str]) -> list[list[float]]:
    """Embed with Amazon Bedrock: the body is the model's own, and one text is a call."""
    import boto3
    from botocore.config import Config

    limits = Config(read_timeout=30, retries={"total_max_attempts": 1})
    client = boto3.Session().client("bedrock-runtime", config=limits)
    vectors = []
    for text in texts:
        answer = client.invoke_model(modelId="minilm", body=json.dumps({"inputText": text}))
        vectors.append(json.load(answer["body"])["embedding"])
    return vectors


def gemini(texts: list[str]) -> list[list[float]]:
    """Embed with Google's Gemini API."""
    from google import genai

    with genai.Client(http_options={"timeout": 30_000}) as client:
        answer = client.models.embed_content(model="minilm", contents=texts)
    return [one.values for one in answer.embeddings]


def huggingface(texts: list[str]) -> list[list[float]]:
    """Embed with Hugging Face: a task of a model, at an address of its own."""
    from huggingface_hub import InferenceClient

    task = "hf-inference/models/minilm/pipeline/feature-extraction"
    with InferenceClient(model=f"{os.environ['HF_URL']}/{task}", timeout=30) as client:
        return client.feature_extraction(texts).tolist()


def ollama(texts: list[str]) -> list[list[float]]:
    """Embed with Ollama, which cuts a text that is too long unless it is told not to."""
    from ollama import Client

    with Client(timeout=30) as client:
        answer = client.embed(model="minilm", input=texts, truncate=False)
    return [list(one) for one in answer.embeddings]


def reranked_by_cohere(query: str, documents: list[str]) -> list[str]:
    """Let Cohere put documents in order."""
    from cohere import ClientV2

    with ClientV2(base_url=os.environ.get("CO_API_URL"), timeout=30) as client:
        answer = client.rerank(model="minilm", query=query, documents=documents)
    return [documents[one.index] for one in answer.results]
