"""transformers' own server with the real clients, and the tasks that are gone."""

import re
import socket
from pathlib import Path

import openai
import pytest
from huggingface_hub import InferenceClient
from transformers.pipelines import PIPELINE_REGISTRY

from lessons.models import load
from lessons.models.loading.prepared import prepared_decoder
from lessons.practice import complete, older_tasks, transformers_server

RULES, QUESTION = "Answer in one sentence.", "What is the capital of France?"
TURNS = [{"role": "system", "content": RULES}, {"role": "user", "content": QUESTION}]
PAGE = Path(__file__).parents[4] / "book" / "practice" / "pipelines.md"


def client_at(address):
    return openai.OpenAI(base_url=address, api_key="none", timeout=60, max_retries=0)


@pytest.fixture(scope="module")
def small():
    return load("decoder", source="book")


def test_it_completes_as_the_model_does_and_ends(small):
    folder, prompt = small.model.name_or_path, "tom thanks mary because"
    [wanted] = complete([prompt], small.model, small.tokenizer, max_new_tokens=6)
    asked = dict(model=folder, prompt=prompt, max_tokens=6, temperature=0)
    with transformers_server(folder) as address, client_at(address) as client:
        assert client.completions.create(**asked).choices[0].text == wanted
        pieces = [one.choices[0].text for one in client.completions.create(**asked, stream=True)]
        assert "".join(pieces).split() == wanted.split() and len(pieces) > 3
        with pytest.raises(openai.BadRequestError) as refused:
            client.completions.create(**asked | {"model": "text-bison"})
        assert "pinned to" in refused.value.response.json()["detail"]
        with pytest.raises(OSError, match="cannot be had: pass another, or 0"):
            with transformers_server(folder, port=int(re.findall(r":(\d+)/", address)[0])):
                pass
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(re.findall(r":(\d+)/", address)[0]))) != 0


def test_a_chat_by_both_clients(smollm2):
    """SmolLM2, whose tokenizer has a template."""
    folder = str(prepared_decoder())
    with transformers_server(folder) as address:
        with InferenceClient(base_url=address, api_key="none", timeout=60) as client:
            answer = client.chat_completion(TURNS, model=folder, max_tokens=12, temperature=0)
        said = answer.choices[0].message.content
        assert "Paris" in said and answer.usage.prompt_tokens == 26
        with client_at(address) as client:
            asked = dict(model=folder, messages=TURNS, max_tokens=12, temperature=0)
            assert client.chat.completions.create(**asked).choices[0].message.content == said
            raw = client.chat.completions.with_raw_response.create(**asked, stream=True)
            lines = list(raw.http_response.iter_lines())
        assert "Paris" in "".join(lines) and not any("[DONE]" in line for line in lines)


def test_what_cannot_be_served_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"no model: pass a folder with a config\.json"):
        with transformers_server(tmp_path):
            pass


def test_gone_tasks_are_told_with_what_to_write():
    """The table on the page names each of them."""
    gone = set(older_tasks()) - set(PIPELINE_REGISTRY.supported_tasks)
    rows = re.findall(r"^\| (`[^|]+`) \|", PAGE.read_text("utf8"), re.M)
    told = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert gone == told and len(gone) == 7
    assert len(set(older_tasks())) == 30
