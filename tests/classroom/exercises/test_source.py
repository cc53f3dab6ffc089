"""A source is read as it was meant, and what does not fit is refused with a sentence."""

import pytest
import torch

from classroom.exercises.calls import Answer
from classroom.exercises.handout import main, student_version
from classroom.exercises.record import calls_of, record
from classroom.exercises.source import load_source
from support.tiny_exercises import LAYER, TINY

SPOILT = [
    ("def wrongname", "def shownname", "shownname is defined twice"),
    ('@graded("tiny.1")', '@graded("tiny.9")', "hiddenname is for tiny.9, which is no exercise"),
    ('fails="shownname"', 'fails="other"', "wrongname must fail other, which is no check of it"),
    ('    """Each number is doubled."""\n', "", "shownname needs a docstring"),
    ("points: 2", "points: 4", "the prompt of tiny.1 must tell its effort, and the points"),
    ("**easy · 5 minutes · 2 points**", "", "the prompt of tiny.1 must tell its effort"),
    ('check("tiny.1", double)', "", r'must call check\("tiny.1", its_function\)'),
    ('"grade_id": "tiny-2"', '"grade_id": "tiny-1"', "tiny.1 is graded twice"),
]


def test_all_is_collected():
    source = load_source(TINY)
    exercise = source.exercises["tiny.1"]
    assert (exercise.function, exercise.points, exercise.minutes) == ("double", 2, 5)
    assert [check.shown for check in exercise.checks.values()] == [True, False]
    assert exercise.wrong["wrongname"].sentence == "You square the numbers."
    assert source.tasks["tiny.2"].points == 3


@pytest.mark.parametrize(("good", "bad", "words"), SPOILT)
def test_what_does_not_fit_is_refused(good, bad, words):
    assert good in TINY
    with pytest.raises(ValueError, match=words):
        load_source(TINY.replace(good, bad, 1))


def test_students_get_prompts_and_stubs_alone():
    text = student_version(TINY)
    for word in ("visibleprompt", "raise NotImplementedError", "YOUR ANSWER HERE", "grade_id"):
        assert word in text
    for word in ("solutionword", "shownname", "hidden", "wrongname", "discussion", "rubric"):
        assert word not in text.replace("HIDDEN", "hidden")
    assert "modelword" not in text and "classroom.exercises.source" not in text
    assert text.startswith(TINY.split("# Exercises")[0])


def test_a_title_that_students_would_not_get_is_refused():
    text = TINY + '\n+++ {"tags": ["solution-only"]}\n\nA discussion.\n\n## 3. Another\n'
    with pytest.raises(ValueError, match=r"'## 3. Another': write a line `\+\+\+` before it"):
        student_version(text)
    assert "## 3. Another" in student_version(text.replace("## 3", "+++\n\n## 3"))


def test_records_hold_no_code_and_nothing_of_hidden_checks():
    text = record(load_source(TINY))
    assert "Each number is doubled." in text and "You square the numbers." in text
    for word in ("solutionword", "hiddenname", "hiddensentence", "wrongname", "wrongword"):
        assert word not in text


def test_answers_get_copies_and_show_what_they_learn():
    layer = Answer(load_source(LAYER).exercises["tiny.1"].reference.original)(3)
    assert list(layer.parameters) == ["bias"]
    given = torch.ones(3)
    Answer(lambda x: x.zero_())(given)
    assert given.sum() == 3


def test_a_shown_check_must_call_the_answer():
    exercise = load_source(TINY).exercises["tiny.1"]
    with pytest.raises(ValueError, match="shownname calls no answer"):
        silent = type(exercise.checks["shownname"])("shownname", "", lambda *_: None, True)
        calls_of(silent, exercise.reference)


def test_without_sources_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="run this in the repository's root"):
        main(tmp_path)


def test_all_topics_are_written(tmp_path, capsys):
    for folder in ("solutions", "exercises"):
        (tmp_path / folder).mkdir()
    (tmp_path / "solutions/tiny.md").write_text(TINY, "utf8")
    main(tmp_path)
    assert (tmp_path / "exercises/tiny.md").read_text("utf8") == student_version(TINY)
    assert "shownname" in (tmp_path / "src/classroom/exercises/known/tiny.json").read_text("utf8")
