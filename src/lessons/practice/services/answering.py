"""One question to each service, by its own client; keys and addresses are in the environment."""

import os


def openai(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask OpenAI's chat completions."""
    from openai import OpenAI

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    with OpenAI(timeout=30, max_retries=0) as client:
        answer = client.chat.completions.create(
            model=model, messages=turns, max_completion_tokens=max_tokens
        )
    return answer.choices[0].message.content


def responses(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask OpenAI's responses, the newer of its two protocols."""
    from openai import OpenAI

    with OpenAI(timeout=30, max_retries=0) as client:
        answer = client.responses.create(
            model=model, instructions=rules, input=question, max_output_tokens=max_tokens
        )
    return answer.output_text


def azure(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Azure OpenAI: `model` is the name that you gave to a deployment."""
    from openai import AzureOpenAI

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    with AzureOpenAI(timeout=30, max_retries=0) as client:
        answer = client.chat.completions.create(
            model=model, messages=turns, max_completion_tokens=max_tokens
        )
    return answer.choices[0].message.content


def cohere(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Cohere."""
    from cohere import ClientV2

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    with ClientV2(base_url=os.environ.get("CO_API_URL"), timeout=30) as client:
        answer = client.chat(
            model=model, messages=turns, max_tokens=max_tokens,
            request_options={"max_retries": 0},
        )  # fmt: skip
    return answer.message.content[0].text


def bedrock(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Amazon Bedrock, in the form that it has for all models."""
    import boto3
    from botocore.config import Config

    limits = Config(read_timeout=30, retries={"total_max_attempts": 1})
    client = boto3.Session().client("bedrock-runtime", config=limits)
    answer = client.converse(
        modelId=model,
        system=[{"text": rules}],
        messages=[{"role": "user", "content": [{"text": question}]}],
        inferenceConfig={"maxTokens": max_tokens},
    )
    return answer["output"]["message"]["content"][0]["text"]


def gemini(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Google's Gemini API."""
    from google import genai

    limits = {"timeout": 30_000}  # in milliseconds
    with genai.Client(http_options=limits) as client:
        answer = client.models.generate_content(
            model=model,
            contents=question,
            config={"system_instruction": rules, "max_output_tokens": max_tokens},
        )
    return answer.text


def vertex(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Google's Vertex AI, now Gemini Enterprise: with a project, a place, a passing token."""
    from google import genai
    from google.oauth2.credentials import Credentials

    with genai.Client(
        enterprise=True,
        credentials=Credentials(os.environ["VERTEX_TOKEN"]),
        project=os.environ["GOOGLE_CLOUD_PROJECT"],
        location=os.environ["GOOGLE_CLOUD_LOCATION"],
        http_options={"timeout": 30_000},
    ) as client:
        answer = client.models.generate_content(
            model=model,
            contents=question,
            config={"system_instruction": rules, "max_output_tokens": max_tokens},
        )
    return answer.text


def huggingface(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Hugging Face's inference."""
    from huggingface_hub import InferenceClient

    with InferenceClient(base_url=os.environ["HF_URL"], timeout=30) as client:
        answer = client.chat_completion(
            [{"role": "system", "content": rules}, {"role": "user", "content": question}],
            model=model,
            max_tokens=max_tokens,
        )
    return answer.choices[0].message.content or ""


def ollama(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask Ollama: without a time limit, its client would wait forever."""
    from ollama import Client

    with Client(timeout=30) as client:
        answer = client.chat(
            model=model,
            messages=[{"role": "system", "content": rules}, {"role": "user", "content": question}],
            options={"num_predict": max_tokens, "temperature": 0.0},
        )
    return answer.message.content or ""


def watsonx(rules: str, question: str, max_tokens: int, model: str = "smollm2") -> str:
    """Ask IBM's watsonx by its documented address: with a project, and a passing token.

    Its client could not be installed beside the book's pins.
    """
    import httpx

    turns = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
    answer = httpx.post(
        f"{os.environ['WATSONX_URL']}/ml/v1/text/chat",
        params={"version": "2025-02-06"},
        headers={"Authorization": f"Bearer {os.environ['WATSONX_TOKEN']}"},
        json={
            "model_id": model,
            "project_id": os.environ["WATSONX_PROJECT_ID"],
            "messages": turns,
            "max_completion_tokens": max_tokens,
        },
        timeout=30,
    )
    return answer.raise_for_status().json()["choices"][0]["message"]["content"]
