"""Each protocol with its real client: what works, what is refused, and what breaks."""

import dataclasses
import json
import os
import re
import socket
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError

import boto3
import cohere
import httpx
import ollama
import openai
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from google import genai
from huggingface_hub import InferenceClient
from hypothesis import HealthCheck, given, settings, strategies as some
from ibm_cloud_sdk_core import ApiException
from ibm_watson import NaturalLanguageUnderstandingV1
from starlette.testclient import TestClient

from lessons.practice import Gate, LocalServices, installed_megabytes, stream_rows
from lessons.practice.services import answering, embedding, labeling, streaming
from lessons.practice.services.faulty_desks import FailingDesk, QuietDesk
from lessons.practice.services.left_alone import tries_when_left_alone
from lessons.practice.services.protocol import Asked, app_of
from lessons.practice.services.recording import HIDDEN
from lessons.practice.services.refused_calls import ASKING, refused_by_all
from lessons.practice.services.serving import PROTOCOLS
from support.parrot import KEY, Parrot

RULES, QUESTION = "Be brief.", "one two three four"
STREAMS = [streaming.openai, streaming.cohere, streaming.bedrock, streaming.gemini]
STREAMS += [streaming.huggingface, streaming.ollama]
EMBED = [embedding.openai, embedding.cohere, embedding.bedrock, embedding.gemini]
EMBED += [embedding.huggingface, embedding.ollama]
LABEL = [labeling.cohere, labeling.huggingface, labeling.watson]


@pytest.mark.parametrize("name", ASKING)
def test_each_client_gets_the_answer_and_its_limit_counts(served, name):
    services = served()
    assert ASKING[name](RULES, QUESTION, 9) == QUESTION
    assert ASKING[name](RULES, QUESTION, 2) == "one two"
    whole, cut = services.exchanges
    assert (whole.status, cut.status) == (200, 200)
    reasons = [re.search(r"stop|COMPLETE|STOP|completed|end_turn", str(whole.answered))]
    reasons += [re.search(r"length|MAX_TOKENS|incomplete|max_tokens", str(cut.answered))]
    assert all(reasons)
    assert KEY not in repr(services.exchanges)


def test_both_texts_reach_the_model(served):
    """The rules are counted with the question, wherever a protocol puts them."""
    services = served()
    for ask in ASKING.values():
        ask(RULES, QUESTION, 9)
    read = len(RULES.split()) + len(QUESTION.split())
    for one in services.exchanges:
        assert read in _numbers(one.answered), one.path


def _numbers(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        return [number for one in tree for number in _numbers(one)]
    return [tree]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.__name__)
def test_each_client_reads_the_stream_and_stops(served, stream):
    served()
    pieces = [piece for piece in stream(RULES, QUESTION, 9, "four") if piece]
    assert pieces == ["one", " two", " three"]
    assert "".join(stream(RULES, QUESTION, 9, "five")) == QUESTION


@pytest.mark.parametrize("embed", EMBED, ids=lambda one: one.__name__)
def test_each_client_gets_the_vectors(served, embed):
    services = served()
    ours = services.desk.vectors(["a text", "banana"], model="minilm").tolist()
    assert embed(["a text", "banana"]) == [pytest.approx(row) for row in ours]


@pytest.mark.parametrize("label", LABEL, ids=lambda one: one.__name__)
def test_each_client_gets_a_label(served, label):
    served()
    assert label("a text") in ("positive", "negative")


def test_documents_come_in_the_order_of_the_query(served):
    served()
    documents = ["no such letter in here, but long", "aaaa"]
    assert embedding.reranked_by_cohere("aaaaa", documents) == documents[::-1]


# ------------------------------------------------------------------------------ what is refused


def test_a_wrong_key_is_refused_by_all(served, led):
    services = served()
    led(services, "wrong")
    statuses = [cell[:3] for cell in refused_by_all(services, RULES, QUESTION, 9)]
    assert statuses == ["401", "401", "401", "401", "403", "400", "401", "401", "401", "401"]
    with pytest.raises(ApiException) as refused:
        labeling.watson("a text")
    assert refused.value.status_code == 401
    assert services.desk.computed == 0


def test_each_mistake_has_its_error(served):
    services = served()
    unknown = refused_by_all(services, RULES, QUESTION, 9, model="text-bison")
    long = refused_by_all(services, RULES, QUESTION, 1000)
    assert unknown[0] == "404 `model_not_found`: NotFoundError"
    assert long[0] == "400 `context_length_exceeded`: BadRequestError"
    assert [cell[:3] for cell in unknown] == ["404"] * 4 + ["400"] + ["404"] * 5
    refused, answered = ["400"] * 8, "200: answers"  # Ollama writes until the context is full
    assert [cell[:3] for cell in long[:8]] == refused and long[8] == answered
    assert long[9][:3] == "400"
    with pytest.raises(ValueError, match="all answer, the last one 'one two three four'"):
        refused_by_all(services, RULES, QUESTION, 9)


def test_too_many_calls_are_refused_by_all(served):
    services = served(calls=1)
    answering.openai(RULES, QUESTION, 9)
    assert [cell[:3] for cell in refused_by_all(services, RULES, QUESTION, 9)] == ["429"] * 10
    waits = [int(one.answer_headers["retry-after"]) for one in services.exchanges[1:]]
    assert len(waits) == 10 and all(3500 < wait <= 3600 for wait in waits)


def test_a_refused_call_is_made_again_after_the_wait(led):
    with LocalServices(Parrot(), KEY, gate=Gate(1, seconds=1.0)) as services:
        led(services)
        with openai.OpenAI(timeout=9, max_retries=1) as client:
            for _ in range(2):
                client.embeddings.create(model="minilm", input="a")
        assert [one.status for one in services.exchanges] == [200, 429, 200]


def test_a_signature_is_of_this_body_and_this_key(served):
    """A signed call with another body, as a thief could send it, is refused."""
    services = served()
    answering.bedrock(RULES, QUESTION, 9)
    [good] = services.exchanges
    assert HIDDEN not in repr(good)  # there was no key to hide
    address = f"{services.address}/bedrock/model/smollm2/converse"
    headers = {name: good.headers[name] for name in ("authorization", "x-amz-date", "content-type")}
    for change, status in ((("one", "one"), 200), (("one", "two"), 403)):
        body = json.dumps(good.asked).replace(*change)
        answer = httpx.post(address, content=body, headers=headers)
        assert answer.status_code == status
    assert answer.headers["x-amzn-errortype"] == "InvalidSignatureException"


def test_missing_fields_by_the_real_clients(served, monkeypatch):
    served()
    with pytest.raises(TypeError, match="input_type"):
        cohere.ClientV2().embed(model="minilm", texts=["a"])
    with pytest.raises(openai.lib._old_api.APIRemovedInV1, match="no longer supported"):
        openai.ChatCompletion.create(model="smollm2")
    with openai.OpenAI() as client, pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="smollm2", messages=[{"role": "user"}])
    assert refused.value.param == "messages.0.content"
    with genai.Client() as client, pytest.raises(genai.errors.ClientError, match="INVALID_ARGUM"):
        client.models.generate_content(
            model="smollm2", contents="Hi", config={"max_output_tokens": -1}
        )
    aws = boto3.client("bedrock-runtime")
    with pytest.raises(ClientError, match="ValidationException"):
        aws.invoke_model(modelId="minilm", body="{}")
    with pytest.raises(ClientError, match="UnknownOperationException"):
        aws.count_tokens(modelId="smollm2", input={"converse": {}})
    watson = NaturalLanguageUnderstandingV1(version="2022-04-07")
    with pytest.raises(ApiException, match=r"features\.sentiment") as refused:
        watson.analyze(text="a", features={})
    assert refused.value.status_code == 400
    monkeypatch.setenv("WATSONX_PROJECT_ID", "")
    with pytest.raises(httpx.HTTPStatusError) as refused:
        answering.watsonx(RULES, QUESTION, 9)
    [error] = refused.value.response.json()["errors"]
    assert refused.value.response.status_code == 400 and "project_id" in error["message"]
    address = f"{os.environ['HF_URL']}/hf-inference/models/minilm"
    with (
        InferenceClient(model=address) as client,
        pytest.raises(Exception, match="candidate_labels: field required"),
    ):
        client.fill_mask("a [MASK]")


# ---------------------------------------------------------------------------- no sense, no trace


def is_error(name, answer):
    """Say whether an answer has the form that this service's errors have."""
    body = answer.json()
    if name in ("cohere", "bedrock"):
        return isinstance(body["message"], str)
    if name == "watsonx":
        [error] = body["errors"]
        return body["status_code"] == answer.status_code and isinstance(error["code"], str)
    error = body["error"]
    sentence = name in ("huggingface", "ollama", "watson")
    return isinstance(error if sentence else error["message"], str)


GOOD = {
    "openai": {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "input": "Hi"},
    "cohere": {
        "model": "minilm", "messages": [], "texts": ["a"], "input_type": "clustering",
        "inputs": ["a"], "examples": [{"text": "a", "label": "b"}], "query": "a",
        "documents": ["a"],
    },
    "bedrock": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inputText": "a"},
    "gemini": {"contents": [{"parts": [{"text": "Hi"}]}], "requests": []},
    "watson": {"text": "a", "features": {"sentiment": {}}},
    "watsonx": {
        "model_id": "smollm2", "project_id": "a", "messages": [{"role": "user", "content": "Hi"}],
    },
    "huggingface": {
        "model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "inputs": "a",
        "parameters": {"candidate_labels": ["a"]},
    },
    "ollama": {
        "model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "prompt": "Hi",
        "input": "Hi", "options": {"num_predict": 2, "num_ctx": 9, "stop": ["a"]},
    },
}  # fmt: skip
GOOD["azure"], GOOD["vertex"] = GOOD["openai"], GOOD["gemini"]
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@some.composite
def bodies(draw, good):
    """Draw bytes, JSON, or a good body with one field spoilt or left out."""
    kind = draw(some.sampled_from(["bytes", "json", "spoilt", "without", "half"]))
    if kind == "bytes":
        return draw(some.binary(max_size=30))
    if kind == "json":
        return json.dumps(draw(ANYTHING)).encode()
    body = dict(good)
    name = draw(some.sampled_from(sorted(good)))
    del body[name]
    if kind == "spoilt":
        body[name] = draw(ANYTHING)
    whole = json.dumps(body).encode()
    return whole[: draw(some.integers(0, len(whole)))] if kind == "half" else whole


@pytest.mark.parametrize("name", PROTOCOLS)
def test_nonsense_gets_the_services_error_and_never_a_trace(name):
    """The test's client raises whatever the server did not catch."""
    protocol = dataclasses.replace(PROTOCOLS[name], has_key=lambda request, body, key: True)
    client = TestClient(app_of(protocol, Parrot(), KEY, Gate()))
    model = "smollm2" if name != "cohere" else "minilm"
    addresses = [
        re.sub(r"\{\w+\}", model, path) + (f"?{protocol.query}=1" if protocol.query else "")
        for path in protocol.endpoints
    ]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(address=some.sampled_from(addresses), body=bodies(GOOD[name]))
    def ask(address, body):
        answer = client.post(address, content=body)
        assert answer.status_code in (200, 400, 404)
        assert answer.status_code == 200 or is_error(name, answer)

    ask()
    for odd in (b"[" * 100_000, b'{"model": "\\ud800"}', b"\xff", b"", b"NaN"):
        answer = client.post(addresses[0], content=odd)
        assert answer.status_code == 400 and is_error(name, answer)
    for answer in (client.get(addresses[0]), client.post("/nothing")):
        assert answer.status_code in (404, 405) and is_error(name, answer)
    if protocol.query:
        answer = client.post(addresses[0].split("?")[0], json=GOOD[name])
        assert (
            answer.status_code == 404 and protocol.query in answer.text and is_error(name, answer)
        )


def test_a_trace_would_be_noticed():
    """An endpoint that trusts what it is given."""

    class Trusting(Asked):
        model: object = None

    endpoints = {"/": (Trusting, lambda call: {"model": call.asked.model.lower()})}
    protocol = dataclasses.replace(PROTOCOLS["openai"], endpoints=endpoints)
    protocol = dataclasses.replace(protocol, has_key=lambda request, body, key: True)
    client = TestClient(app_of(protocol, Parrot(), KEY, Gate()))
    assert client.post("/", json={"model": "A"}).json() == {"model": "a"}
    with pytest.raises(AttributeError):
        client.post("/", json={"model": 1})


@pytest.mark.parametrize("name", PROTOCOLS)
def test_odd_keys_are_no_keys(name):
    client = TestClient(app_of(PROTOCOLS[name], Parrot(), KEY, Gate()))
    path = re.sub(r"\{\w+\}", "smollm2", next(iter(PROTOCOLS[name].endpoints)))
    for shown in (
        "",
        "Bearer",
        "Bearer é",
        "Basic !",
        "Basic /w==",
        "AWS4-HMAC-SHA256 Credential=",
    ):
        headers = {one: shown.encode() for one in ("authorization", "api-key", "x-goog-api-key")}
        answer = client.post(f"{path}?version=1&api-version=1", json={}, headers=headers)
        assert answer.status_code == PROTOCOLS[name].statuses.get("key", 401)
        assert is_error(name, answer)


# ------------------------------------------------------------------------ what breaks, and hangs


class BrokenParrot(Parrot):
    def _pieces(self, *args):
        for at, piece in enumerate(super()._pieces(*args)):
            if at == 2:
                raise ConnectionError
            yield piece


# ------------------------------------------------------------------------ what Ollama does alone


def test_ollamas_client_has_no_limit_of_its_own(served):
    served()
    with ollama.Client() as client:
        assert client._client.timeout.read is None


def test_ollama_generates_loads_and_knows_tags(served):
    served()
    with ollama.Client() as client:
        said = client.generate("smollm2:latest", QUESTION, system=RULES)
        assert (said.response, said.done_reason) == (QUESTION, "stop")
        assert (said.prompt_eval_count, said.eval_count) == (6, 4) and said.total_duration > 0
        pieces = [one.response for one in client.generate("smollm2", QUESTION, stream=True)]
        assert pieces == ["one", " two", " three", " four", ""]
        assert client.generate("smollm2").done_reason == "load"
        assert client.chat("smollm2").done_reason == "load"
        assert [one.done_reason for one in client.chat("smollm2", stream=True)] == ["load"]
        assert client.embed("minilm", []).embeddings == []
        with pytest.raises(ollama.ResponseError, match="no model 'llama'") as refused:
            client.chat("llama")
        assert refused.value.status_code == 404


@pytest.mark.parametrize(("context", "kept"), [(None, 9), (6, 5), (4, 3)])
def test_ollama_forgets_the_oldest_turns_and_says_nothing(served, context, kept):
    """The rules (two words) stay, and so does the last turn (one); a word of room is left."""
    served()
    turns = [{"role": "system", "content": RULES}]
    turns += [{"role": "user", "content": word} for word in "a b c d e f g".split()]
    with ollama.Client() as client:
        answer = client.chat("smollm2", turns, options={"num_ctx": context})
    assert answer.message.content == "g" and answer.prompt_eval_count == kept
    if context:
        assert kept < context


def test_lines_of_json_stand_in_the_table_of_streams(served):
    services = served()
    assert "".join(streaming.ollama(RULES, QUESTION, 9, "four")) == "one two three"
    [row] = stream_rows({"Ollama": services.exchanges[-1]}, stop="four")
    assert row[1:] == [
        "`application/x-ndjson`", '`"done": false`', '`"done": true`', "`options.stop[0]`",
    ]  # fmt: skip


def test_ollama_refuses_only_a_last_turn_without_room(served):
    services = served()
    with ollama.Client() as client, pytest.raises(ollama.ResponseError, match="shorten") as told:
        client.chat("smollm2", [{"role": "user", "content": "a b c"}], options={"num_ctx": 3})
    assert told.value.status_code == 400 and services.desk.computed == 0


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.__name__)
def test_a_stream_that_breaks_raises_after_what_came(served, stream):
    served(BrokenParrot())
    got = []
    with pytest.raises(Exception, match=r"onnection|complete|prematurely|error was encountered"):
        got.extend(stream(RULES, QUESTION, 9, "five"))
    assert "".join(got) == "one two"


class QuietParrot(QuietDesk, Parrot):
    """What it says ends after three words, in good order."""


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.__name__)
def test_a_stream_that_ends_in_good_order_raises_nothing(served, stream):
    """Neither client misses the reason that never came."""
    services = served(QuietParrot())
    assert "".join(stream(RULES, QUESTION, 9, "five")) == "one two three"
    told = str(services.exchanges[-1].answered)
    assert not re.search(r"DONE|message-end|messageStop|STOP|MAX_TOKENS|done_reason", told)


class FailingParrot(FailingDesk, Parrot):
    """No answer, but a fault."""


def test_some_clients_try_again_by_themselves(served):
    services = served(FailingParrot())
    tries = tries_when_left_alone(services)
    assert list(tries.values()) == [3, 3, 3, 1, 1]
    assert {one.status for one in services.exchanges} == {500}
    with pytest.raises(ValueError, match="OpenAI answers: pass services"):
        tries_when_left_alone(served())


class SlowParrot(Parrot):
    def answer(self, *args, **options):
        time.sleep(0.4)
        self.computed += 1
        return super().answer(*args, **options)


def test_a_timeout_ends_the_waiting_but_not_the_work(served):
    services = served(SlowParrot())
    turns = [{"role": "user", "content": QUESTION}]
    with openai.OpenAI(timeout=0.1, max_retries=1) as client:
        with pytest.raises(openai.APITimeoutError):
            client.chat.completions.create(model="smollm2", messages=turns)
    assert len(services.exchanges) == 2 and services.desk.computed == 2


def test_without_a_server_each_client_says_so_soon(served):
    """Among what they raise, none waits for the 30 seconds of its limit."""
    services = served()
    services.close()
    for ask in ASKING.values():
        began = time.monotonic()
        with pytest.raises(Exception, match="onnect"):
            ask(RULES, QUESTION, 9)
        assert time.monotonic() - began < 20
    aws = boto3.client("bedrock-runtime", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(EndpointConnectionError):
        aws.converse(modelId="smollm2", messages=[{"role": "user", "content": [{"text": "Hi"}]}])


def test_keys_of_the_readers_own_neither_win_nor_are_kept(served, led, monkeypatch):
    """They may stand in the environment, under names that clients prefer."""
    for name in ("GOOGLE_API_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.setenv(name, "a-secret-of-the-readers")
    monkeypatch.setenv("GOOGLE_GENAI_USE_ENTERPRISE", "true")
    services = served()
    for ask in ASKING.values():
        assert ask(RULES, QUESTION, 9) == QUESTION
    led(services, "a-secret-of-the-readers")
    refused_by_all(services, RULES, QUESTION, 9)
    assert "a-secret-of-the-readers" not in repr(services.exchanges)


def test_a_key_in_an_address_or_a_text_is_not_kept(served):
    services = served()
    address = f"{services.address}/gemini/v1/models/smollm2:generateContent?key={KEY}"
    httpx.post(address, json={"contents": [{"parts": [{"text": KEY}]}]})
    [kept] = services.exchanges
    assert kept.path.endswith(f"?key={HIDDEN}") and HIDDEN in repr(kept.asked)
    assert KEY not in repr(kept)


def test_without_a_key_no_client_begins(served, monkeypatch):
    served()
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "CO_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name)
    for ask in (answering.openai, answering.azure, answering.cohere, answering.gemini):
        with pytest.raises(Exception, match=r"[Aa][Pp][Ii].?[Kk][Ee][Yy]|token|credentials"):
            ask(RULES, QUESTION, 9)


def test_the_server_is_for_this_machine_and_ends(served):
    services = served()
    assert services.address.startswith("http://127.0.0.1:")
    port = int(services.address.rsplit(":", 1)[1])
    with pytest.raises(OSError, match=f"port {port} is taken: pass another"):
        LocalServices(Parrot(), KEY, port=port)
    services.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    LocalServices(Parrot(), KEY, port=port).close()


@pytest.mark.parametrize("port", [-1, 70_000])
def test_an_impossible_port_is_told(port):
    with pytest.raises(OSError, match=f"port {port} cannot be had"):
        LocalServices(Parrot(), KEY, port=port)


def test_sizes_of_packages_are_those_of_their_files(tmp_path, monkeypatch):
    (tmp_path / "thing.py").write_bytes(b"x" * 3_000_000)
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (folder / "RECORD").write_text("thing.py,,\nthing-1.0.dist-info/RECORD,,\nlost.py,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed_megabytes("thing") == pytest.approx(3.0, abs=0.01)
    with pytest.raises(PackageNotFoundError):
        installed_megabytes("no-such-thing")


def test_an_empty_key_is_told():
    with pytest.raises(ValueError, match="the key is empty"):
        LocalServices(Parrot(), "")


def command(*options, key):
    """Run the command that serves a reader."""
    environment = {**os.environ, "BOOK_SERVICE_KEY": key}
    return subprocess.run(
        [sys.executable, "-m", "lessons.practice.services", *options],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_command_wants_a_key():
    done = command(key="")
    assert done.returncode == 1 and "export BOOK_SERVICE_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_tells_what_to_set_and_ends_by_itself():
    done = command("--port", "0", "--minutes", "0.001", key=KEY)
    assert done.returncode == 0 and done.stderr == ""
    assert 'export OPENAI_BASE_URL="http://127.0.0.1:' in done.stdout
    assert 'export OPENAI_API_KEY="$BOOK_SERVICE_KEY"' in done.stdout and KEY not in done.stdout
