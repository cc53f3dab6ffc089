"""What stands behind the protocols: the book's models, and what they refuse."""

import pytest
import torch

from lessons.models import sentence_vectors
from lessons.practice import BreakingDesk, Desk, Gate, SlowDesk
from lessons.practice.services.desk import _sure_length
from lessons.practice.services.refusals import Refusal

TURNS = [
    {"role": "system", "content": "Answer in one sentence."},
    {"role": "user", "content": "What is the capital of France?"},
]


@pytest.fixture(scope="module")
def desk(smollm2, minilm):
    return Desk(smollm2, minilm)


def test_the_answer_is_that_of_generate(desk):
    ids = torch.tensor([desk.prompt_ids(TURNS)])
    whole = desk.decoder.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False, pad_token_id=0
    )
    expected = desk.decoder.tokenizer.decode(whole[0, ids.shape[1] :], skip_special_tokens=True)
    writing = desk.answer(TURNS, model="smollm2", max_tokens=6)
    pieces = list(writing)
    assert "".join(pieces) == expected and len(pieces) > 2
    assert (writing.prompt_tokens, writing.answer_tokens, writing.finish) == (
        len(ids[0]),
        6,
        "length",
    )
    before = desk.computed
    stopped = desk.answer(TURNS, model="smollm2", max_tokens=9, stop=["Paris"])
    assert stopped.text() == expected[: expected.index("Paris")] and stopped.finish == "stop"
    assert desk.computed - before == len(ids[0]) + stopped.answer_tokens - 1


def test_what_was_written_is_kept_and_nothing_else_is_said(desk):
    """Once more, longer than what is kept, and another prompt: each as it is computed anew."""
    keeping = Desk(desk.decoder, desk.encoder, kept={})
    other = [TURNS[0], {"role": "user", "content": "Name a color."}]
    computed = []
    for turns, most in ((TURNS, 3), (TURNS, 3), (TURNS, 6), (other, 3)):
        anew, again = (
            one.answer(turns, model="smollm2", max_tokens=most) for one in (desk, keeping)
        )
        before = keeping.computed
        assert again.text() == anew.text() and again.finish == anew.finish
        assert again.answer_tokens == anew.answer_tokens == most
        computed.append(keeping.computed - before)
    prompt = len(desk.prompt_ids(TURNS))
    # The second call takes all from what is kept; the third reads what is kept, and goes on.
    assert computed[:3] == [prompt + 2, 0, prompt + 5] and computed[3] > 0
    shared = Desk(desk.decoder, desk.encoder, kept=keeping.kept)
    shared.answer(TURNS, model="smollm2", max_tokens=6).text()
    assert shared.computed == 0


@pytest.mark.parametrize(
    ("text", "stop", "sure"),
    [
        ("one two", (), "one two"),
        ("one tw", ("two",), "one "),
        ("one tx", ("two",), "one tx"),
        ("aab", ("abab", "b!"), "a"),
        ("half a letter �", (), "half a letter "),
    ],
)
def test_what_could_still_become_a_stop_is_held_back(text, stop, sure):
    assert text[: _sure_length(text, stop)] == sure


def test_vectors_and_shares(desk):
    texts = ["A dog barks.", "The bank lends money."]
    vectors = desk.vectors(texts, model="minilm")
    torch.testing.assert_close(vectors, sentence_vectors(desk.encoder, texts))
    examples = {"animals": ["A cat sleeps.", "Horses run."], "money": ["He pays his debts."]}
    rows = desk.shares(texts, examples, model="minilm")
    assert [max(row, key=row.get) for row in rows] == ["animals", "money"]
    assert all(sum(row.values()) == pytest.approx(1) for row in rows)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda desk: desk.answer(TURNS, model="gpt"), "model"),
        (lambda desk: desk.answer([], model="smollm2"), "field"),
        (lambda desk: desk.answer(TURNS, model="smollm2", max_tokens=500), "length"),
        (lambda desk: desk.answer(TURNS * 50, model="smollm2"), "length"),
        (lambda desk: desk.vectors(["a"], model="smollm2"), "model"),
        (lambda desk: desk.vectors([], model="minilm"), "field"),
        (lambda desk: desk.vectors(["word " * 600], model="minilm"), "length"),
        (lambda desk: desk.shares(["a"], {}, model="minilm"), "field"),
        (lambda desk: desk.shares(["a"], {"b": []}, model="minilm"), "field"),
    ],
)
def test_what_cannot_be_done_is_refused(desk, call, kind):
    with pytest.raises(Refusal) as refused:
        call(desk)
    assert refused.value.kind == kind and len(refused.value.message) > 20


def test_faulty_desks(desk):
    slow = SlowDesk(desk.decoder, desk.encoder).answer(TURNS, model="smollm2", max_tokens=1)
    assert slow.text() == "The"
    pieces = iter(BreakingDesk(desk.decoder, desk.encoder).answer(TURNS, model="smollm2"))
    assert [next(pieces) for _ in range(3)] == ["The", " capital", " of"]
    with pytest.raises(ConnectionError, match="breaks off"):
        next(pieces)


def test_a_gate_opens_again():
    now = [100.0]
    gate = Gate(2, seconds=10.0, clock=lambda: now[0])
    gate.pass_one()
    now[0] = 104.5
    gate.pass_one()
    with pytest.raises(Refusal) as refused:
        gate.pass_one()
    assert (refused.value.kind, refused.value.retry_after) == ("rate", 6)
    now[0] = 110.0
    gate.pass_one()
    with pytest.raises(Refusal) as refused:
        gate.pass_one()
    assert refused.value.retry_after == 5


@pytest.mark.parametrize("wrong", [{"calls": 0}, {"calls": 1, "seconds": 0.0}])
def test_an_impossible_gate_is_told(wrong):
    with pytest.raises(ValueError, match="pass at least 1"):
        Gate(**wrong)
