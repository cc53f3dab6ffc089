"""Each exercise proves itself: the reference passes, the stub fails, wrong answers are found."""

import json
import re
import signal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from nbgrader.preprocessors import CheckCellMetadata

from classroom.exercises.checking import KNOWN, verdict
from classroom.exercises.compare import difference
from classroom.exercises.handout import student_version
from classroom.exercises.record import record
from classroom.exercises.source import Exercise, Source, load_source, read
from support.tiny_exercises import TINY

ROOT = Path(__file__).parents[3]
TOPICS = sorted(file.stem for file in ROOT.glob("solutions/*.md"))
assert TOPICS, "no sheets: a test of each of them would test nothing"
SEEDS = range(5)
REGION = re.compile(r" *### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1\n", re.DOTALL)
LEVELS = ["easy", "medium", "hard"]


def text_of(topic: str) -> str:
    return (ROOT / "solutions" / f"{topic}.md").read_text("utf8")


@cache
def source_of(topic: str) -> Source:
    return load_source(text_of(topic))


def names_of(topic: str) -> list[str]:
    """Return the names of a topic's exercises without running anything."""
    return [
        name.replace("-", ".") for name in re.findall(r"grade_id: (\S+)-check\b", text_of(topic))
    ]


each_topic = pytest.mark.parametrize("topic", TOPICS)
each_exercise = pytest.mark.parametrize(
    "exercise", [name for topic in TOPICS for name in names_of(topic)], indirect=True
)


@pytest.fixture
def exercise(request) -> Exercise:
    return source_of(request.param.split(".")[0]).exercises[request.param]


def failed(exercise: Exercise, answer, seed: int) -> set[str]:
    """Return the names of the checks that an answer fails."""
    names = set()
    for check in exercise.checks.values():
        try:
            check.run(answer, torch.Generator().manual_seed(seed))
        except Exception:  # an answer may break a check in any way
            names.add(check.name)
    return names


def unwritten(*args, **kwargs):
    raise NotImplementedError


@each_exercise
def test_the_reference_passes(exercise):
    for check in exercise.checks.values():
        for seed in SEEDS:
            check.run(exercise.reference, torch.Generator().manual_seed(seed))
    assert "passes" in verdict(exercise.name, exercise.reference.original)


def enormous(value: object) -> object:
    """Return a value with its whole numbers, wherever they stand, made enormous."""
    if isinstance(value, list | tuple):
        return type(value)(map(enormous, value))
    if isinstance(value, dict):
        return {key: enormous(item) for key, item in value.items()}
    if isinstance(value, torch.Tensor) and value.dtype == torch.int64:
        return torch.full_like(value, 10**15)
    return 10**15 if type(value) is int else value


@each_exercise
def test_no_check_counts_as_far_as_an_answer_says(exercise):
    """Checks run in the grader, where nothing else would end them."""

    def answer(*args, **kwargs):
        return enormous(exercise.reference.original(*args, **kwargs))

    def give_up(number, frame):
        pytest.fail(f"a check of {exercise.name} was still busy after 20 seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(20)
    try:
        failed(exercise, answer, seed=0)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@each_exercise
@pytest.mark.parametrize("stub", [unwritten, lambda *args, **kwargs: None])
def test_a_stub_fails_everything(exercise, stub):
    assert failed(exercise, stub, seed=0) == set(exercise.checks)


@each_exercise
def test_the_stub_is_told_to_be_unwritten(exercise):
    assert "not written yet" in verdict(exercise.name, unwritten)


@each_exercise
def test_wrong_answers_fail_the_check_named(exercise):
    for wrong in exercise.wrong.values():
        for seed in SEEDS:
            assert wrong.fails in failed(exercise, wrong.function, seed), wrong.name


@each_exercise
def test_a_learner_is_told_the_misconception(exercise):
    for wrong in exercise.wrong.values():
        if exercise.checks[wrong.fails].shown:
            told = " ".join(verdict(exercise.name, wrong.function.original).split())
            assert wrong.sentence in told, wrong.name


@each_exercise
def test_there_is_enough_to_judge_by(exercise):
    shown = [check.shown for check in exercise.checks.values()]
    assert True in shown and False in shown
    assert len(exercise.wrong) >= 3
    sentences = [one.sentence for one in (*exercise.checks.values(), *exercise.wrong.values())]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith((".", "?")) for sentence in sentences)


@each_topic
def test_a_topic_is_numbered_and_grows_harder(topic):
    source = source_of(topic)
    names = sorted(source.exercises | source.tasks, key=lambda name: int(name.split(".")[1]))
    assert names == [f"{topic}.{number}" for number in range(1, len(names) + 1)], (
        f"number the exercises and tasks of solutions/{topic}.md from 1 on, without a gap"
    )
    headings = re.findall(r"^## (\d+)\. \S", text_of(topic), re.MULTILINE)
    assert headings == [str(number) for number in range(1, len(names) + 1)], (
        f"number the headings of solutions/{topic}.md one by one, as the names of the exercises are"
    )
    for (easier, one), (harder, next_one) in pairwise(source.exercises.items()):
        assert LEVELS.index(one.difficulty) <= LEVELS.index(next_one.difficulty), (
            f"{harder} ({next_one.difficulty}) stands behind {easier} ({one.difficulty}): order "
            f"solutions/{topic}.md from easy to hard, and number it anew"
        )
    assert set(names_of(topic)) == set(source.exercises)


def test_the_instructors_page_prints_the_points_that_there_are():
    """If this fails, run the page's commands again, and print what they say now."""
    page = (ROOT / "book" / "reference" / "instructors.md").read_text("utf8")
    points = {name: one.points for name, one in source_of("attention").exercises.items()}
    points |= {name: one.points for name, one in source_of("attention").tasks.items()}
    told = re.search(r"attention\.ipynb: (\d+) points", page)
    assert told is not None
    assert int(told[1]) == sum(points.values())
    told_each = re.findall(r"(attention\.\d+) +mean \S+ of (\d+) points", page)
    assert told_each
    assert {name: int(of) for name, of in told_each}.items() <= points.items()


@each_topic
def test_nbgrader_accepts_the_metadata(topic):
    for text in (text_of(topic), student_version(text_of(topic))):
        CheckCellMetadata().preprocess(read(text), {})


@each_topic
def test_what_students_get_is_made_from_its_source(topic):
    """If this fails, run `make exercises`."""
    exercises = (ROOT / "exercises" / f"{topic}.md").read_text("utf8")
    assert exercises == student_version(text_of(topic)), "solutions/ changed: run `make exercises`"
    # Another processor rounds the last digits of decimal numbers in another way.
    known = json.loads((KNOWN / f"{topic}.json").read_text("utf8"))
    assert difference(known, json.loads(record(source_of(topic))), tolerance=1e-6) == ""


@each_topic
def test_students_get_no_code_that_judges_them(topic):
    text = text_of(topic)
    public = {line.strip() for line in REGION.sub("", text).splitlines()}
    secret = {line.strip() for region in REGION.finditer(text) for line in region[0].splitlines()}
    secret = {line for line in secret - public if len(line) > 12 and '"""' not in line}
    assert len(secret) > 20
    exercises = (ROOT / "exercises" / f"{topic}.md").read_text("utf8")
    known = (KNOWN / f"{topic}.json").read_text("utf8")
    for line in secret:
        assert line not in exercises and line not in known
    for exercise in source_of(topic).exercises.values():
        for check in exercise.checks.values():
            assert check.name not in exercises
            assert check.shown or (check.name not in known and check.sentence not in known)
        assert not any(name in exercises or name in known for name in exercise.wrong)


def test_each_source_has_its_exercises_and_records():
    assert TOPICS == sorted(file.stem for file in ROOT.glob("exercises/*.md"))
    assert TOPICS == sorted(file.stem for file in KNOWN.glob("*.json"))
    assert all(file.stat().st_size < 300_000 for file in KNOWN.glob("*.json"))


SPOILT = [
    # The reference is wrong, but a check knows better.
    ("solutionword = 2", "solutionword = 3", test_the_reference_passes),
    # A check that asks for nothing is passed by a stub.
    ("    same(answer(numbers), double(numbers))\n", "", test_a_stub_fails_everything),
    # A wrong answer is right.
    ("return wrongword * numbers", "return 2 * numbers", test_wrong_answers_fail_the_check_named),
    # No check is shown; a wrong answer has no sentence of its own.
    (", shown=True", "", test_there_is_enough_to_judge_by),
    ("You square the numbers.", "You index past the end.", test_there_is_enough_to_judge_by),
]


@pytest.mark.parametrize(("good", "bad", "proof"), SPOILT)
def test_a_spoilt_exercise_is_noticed(good, bad, proof):
    assert good in TINY
    spoilt = load_source(TINY.replace(good, bad)).exercises["tiny.1"]
    arguments = [unwritten] if proof is test_a_stub_fails_everything else []
    with pytest.raises(AssertionError):
        proof(spoilt, *arguments)
