"""The adapter that is shipped: its card, its size, and that it says what its metrics tell."""

import json

import pytest
from safetensors.torch import load_file

from lessons.adaptation import ask, draw_formulary, lit_llama, load_adapter, said
from lessons.adaptation.question_answering.make_adapter import (
    card,
    main,
    question_sets as sets_of,
    score,
)
from lessons.adaptation.question_answering.medicine_adapter import ADAPTER
from lessons.models.judging.card import runs_of

FORMULARY = draw_formulary()
SETS = sets_of(FORMULARY)


def metrics():
    return {
        one["what"]: one
        for one in json.loads(ADAPTER.with_name("metrics.json").read_text())["scores"]
    }


def test_the_card_tells_the_metrics(tmp_path):
    folder = ADAPTER.parent
    assert (folder / "README.md").read_text("utf8") == card(runs_of(folder))
    (tmp_path / "metrics.json").write_text((folder / "metrics.json").read_text())
    main(["--card", str(tmp_path)])
    assert "no medical advice" in (tmp_path / "README.md").read_text("utf8")


def test_the_file_is_small_and_in_half_precision():
    assert ADAPTER.stat().st_size <= 3_000_000
    tensors = load_file(ADAPTER)
    assert {str(one.dtype) for one in tensors.values()} == {"torch.float16"}
    assert (
        sum(one.numel() for one in tensors.values())
        == json.loads(ADAPTER.with_name("metrics.json").read_text())["numbers"]
    )


def test_it_says_what_its_metrics_tell(smollm2):
    gpt = load_adapter(lit_llama(smollm2))
    expected = metrics()
    for name, what in (("taught wordings", "right"), ("new wordings", "right")):
        questions = SETS[name][::9]
        words = said(gpt, smollm2.tokenizer, ask(gpt, smollm2.tokenizer, questions))
        right = sum(word == one.answer for word, one in zip(words, questions, strict=True))
        assert right / len(questions) > expected[f"{name}: {what}"]["value"] - 0.15


def test_scores_count_what_was_said():
    words = {name: [one.answer for one in questions] for name, questions in SETS.items()}
    assert [one.value for one in score(words, FORMULARY)] == [1.0] * 4
    words = {name: ["unknown"] * len(questions) for name, questions in SETS.items()}
    assert [one.value for one in score(words, FORMULARY)] == [0.0] * 4
    words["new names, dose and food"] = ["The"] * 32
    assert score(words, FORMULARY)[-1].value == 0  # no answer is not made up
    baselines = score(words, FORMULARY)[2].baselines
    assert baselines == {"most frequent": 0.25, "likest name": 1.0}


def test_wrong_arguments_are_told(capsys):
    with pytest.raises(SystemExit):
        main(["--seed", "first"])
    assert "invalid int value" in capsys.readouterr().err
