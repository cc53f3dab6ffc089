"""Is a text glad or sad? Asked of each service that has labels."""

import os

from lessons.practice.services.watson_protocol import FEELINGS


def cohere(text: str) -> str:
    """Classify with Cohere: the labels come with examples."""
    from cohere import ClassifyExample, Client

    examples = [
        ClassifyExample(text=one, label=label) for label, some in FEELINGS.items() for one in some
    ]
    with Client(base_url=os.environ.get("CO_API_URL"), timeout=30) as client:
        answer = client.classify(model="minilm", inputs=[text], examples=examples)
    return answer.classifications[0].prediction


def huggingface(text: str) -> str:
    """Classify with Hugging Face, by the labels' names alone."""
    from huggingface_hub import InferenceClient

    address = f"{os.environ['HF_URL']}/hf-inference/models/minilm"
    with InferenceClient(model=address, timeout=30) as client:
        return client.zero_shot_classification(text, list(FEELINGS))[0].label


def watson(text: str) -> str:
    """Analyze with IBM's Watson, whose labels are fixed."""
    from ibm_watson import NaturalLanguageUnderstandingV1

    client = NaturalLanguageUnderstandingV1(version="2022-04-07")
    client.set_http_config({"timeout": 30})
    answer = client.analyze(text=text, features={"sentiment": {}})
    return answer.get_result()["sentiment"]["document"]["label"]
