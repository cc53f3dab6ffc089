"""Each submission is graded once, whatever happens; what a person gave stays."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy

from classroom.course import workers
from classroom.course.folder import CourseError, write_atomically
from classroom.course.grade import AGAIN, grade_topic
from classroom.course.grades import grades
from classroom.course.marked import verdict
from classroom.course.results import Results
from support import classroom as grader
from support.classroom import handed_in, inline

TESTS = Path(__file__).parents[2]


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_GRADES", str(tmp_path / "log"))
    return tmp_path / "log"


def submit(course, *students, **changes):
    data = handed_in(course.notebook("release", "tiny"), changes.get("cells"))
    for student in students:
        unique = data.replace(b'"nbformat_minor"', f'"of": "{student}", "nbformat_minor"'.encode())
        write_atomically(course.notebook("submitted", "tiny", student), unique)


def run(course, start=inline, **options):
    return grade_topic(course, "tiny", start, grader=grader, **options)


def scores(course):
    return {one.student: one.score for one in grades(course, "tiny")}


def calls(log):
    lines = log.read_text().split("\n")[:-1]
    return Counter(line.split()[0] for line in lines)


def test_grades_once_and_again_only_what_changed(course, log):
    submit(course, "ann", "bob", cells={"tiny-2": "WRONG"})
    assert run(course).graded == 2
    assert scores(course) == {"ann": 3, "bob": 3}
    tally = run(course)
    assert (tally.graded, tally.kept) == (0, 2)
    submit(course, "bob")
    assert run(course).graded == 1
    assert scores(course) == {"ann": 3, "bob": 5}
    assert calls(log) == {"ann": 1, "bob": 2}
    write_atomically(course.root / "overlay" / "tiny.md", b"more checks")
    assert run(course).graded == 2


def test_one_that_breaks_the_grader_or_kills_the_worker_stops_nobody(course):
    submit(course, "ann", "zoe")
    submit(course, "breaks", cells={"tiny-1": "BREAK THE GRADER"})
    submit(course, "kills", cells={"tiny-1": "KILL THE WORKER"})
    write_atomically(course.notebook("submitted", "tiny", "empty"), b"")
    path = course.notebook("submitted", "tiny", "link")
    path.parent.mkdir(parents=True)
    path.symlink_to("/etc/passwd")
    tally = run(course, workers.local(1))
    assert tally.graded == 3
    assert tally.broken.keys() == {"breaks", "kills", "link"}
    assert "the grader broke" in tally.broken["breaks"]
    assert scores(course) == {"ann": 5, "empty": 3, "zoe": 5}


def test_refuses_if_the_reference_does_not_get_full_marks(course):
    submit(course, "ann")
    path = course.hidden / "sources" / "tiny.md"
    path.write_text(path.read_text().replace("# Exercises", "# BROKEN REFERENCE"))
    with pytest.raises(CourseError, match="does not get full marks"):
        run(course)
    assert scores(course) == {}


def test_one_whom_an_overloaded_machine_failed_is_graded_again(course, log):
    submit(course, "ann", "bob")
    run(course)
    tally = run(course, again=["ann"])
    assert (tally.graded, tally.kept) == (1, 1)
    assert calls(log) == {"ann": 2, "bob": 1}
    with pytest.raises(CourseError, match="zoe: nothing of tiny was collected"):
        run(course, again=["ann", "zoe"])


def test_whom_the_clock_stopped_is_graded_again_alone_and_named(course, log):
    submit(course, "cid", cells={"tiny-1": "ALWAYS SLOW"})
    submit(course, "ann", cells={"tiny-1": "SLOW AT FIRST"})
    submit(course, "bob")
    tally = run(course)
    assert tally.graded == 3 and tally.broken == {}
    assert tally.alone == {"ann": AGAIN, "cid": f"{AGAIN}, and stopped again"}
    assert scores(course) == {"ann": 5, "bob": 5, "cid": 3}
    assert log.read_text().split()[::2][-2:] == ["ann", "cid"]  # after all the others
    assert calls(log) == {"ann": 2, "bob": 1, "cid": 2}
    tally = run(course)
    assert (tally.graded, tally.kept, tally.alone) == (0, 3, {})


def test_grades_of_a_person_are_never_overwritten(course):
    submit(course, "ann")
    run(course)
    [ann] = grades(course, "tiny")
    assert (ann.score, ann.waiting) == (5, ("tiny-3",))

    def give(name, score):
        with course.gradebook() as gradebook:
            grade = gradebook.find_grade(name, "tiny", "tiny", "ann")
            grade.manual_score, grade.needs_manual_grade = score, False
            grade.extra_credit = 0.25
            gradebook.db.commit()

    give("tiny-3", 4)
    give("tiny-2-check", 1.5)
    run(course)
    [ann] = grades(course, "tiny")
    assert (ann.score, ann.waiting) == (9, ())
    submit(course, "ann", cells={"tiny-3": "Another answer.", "tiny-2": "WRONG"})
    run(course)
    run(course)
    [ann] = grades(course, "tiny")
    assert (ann.score, ann.waiting) == (9, ("tiny-2-check", "tiny-3"))  # kept, and to look at


def test_a_full_disk_ends_the_command_and_costs_nobody_a_result(course, monkeypatch):
    submit(course, "ann", "bob", "cid")
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(Results, "save", lambda *_: (_ for _ in ()).throw(full))
        run(course)
    assert run(course).graded == 3


def test_an_overlay_that_cannot_be_read_ends_the_command(course):
    submit(course, "ann")
    overlay = course.root / "overlay" / "tiny.md"
    overlay.parent.mkdir()
    overlay.symlink_to("nowhere.md")
    with pytest.raises(CourseError, match=r"tiny\.md cannot be read \(No such file"):
        run(course)
    overlay.unlink()
    overlay.write_bytes(b"\xff\xfe")
    with pytest.raises(CourseError, match="no text in UTF-8"):
        run(course)


def test_a_gradebook_that_is_lost_or_busy_is_named(course, log):
    submit(course, "ann")
    (course.root / "gradebook.db").rename(course.root / "away.db")
    with pytest.raises(CourseError, match="run `classroom release` with it first"):
        run(course)
    with pytest.raises(CourseError, match="run `classroom release` with it first"):
        grades(course, "tiny")
    assert not log.exists()  # nobody was graded in vain
    (course.root / "away.db").rename(course.root / "gradebook.db")
    with pytest.raises(CourseError, match=r"cannot be used: no such column.*again"):
        with course.gradebook() as gradebook:
            gradebook.db.execute(sqlalchemy.text("SELECT no_such_column"))


def test_a_blank_answer_waits_for_nobody(course):
    submit(course, "ann", cells={"tiny-3": ""})
    run(course)
    assert grades(course, "tiny")[0].waiting == ()


def test_verdict_gives_a_reason_for_each_lost_point(course):
    failed = {"check": "x", "sentence": "Too wide.", "misconception": "Off by one.", "detail": "d"}
    one = {"points": 1.5, "max": 3, "passed": [], "failed": [failed], "reason": "One failed."}
    assert verdict(one) == "1.5 of 3 points\n✗ Too wide.\n    Off by one.\n    d"


def test_no_cluster_no_workers(monkeypatch):
    monkeypatch.setattr(workers, "CONNECT", "0.5s")
    with pytest.raises(CourseError, match="0 workers"):
        workers.local(0)
    with (
        pytest.raises(CourseError, match="no Dask scheduler"),
        workers.dask("tcp://127.0.0.1:9")(),
    ):
        pass


COMMAND = """
from multiprocessing import get_context
from pathlib import Path
from classroom.course import workers
from classroom.course.folder import Course
from classroom.course.grade import AGAIN, grade_topic
from support import classroom as grader
if __name__ == "__main__":
    start = workers.local(2)
    get_context("forkserver").set_forkserver_preload([])  # this grader needs no PyTorch
    grade_topic(Course(Path({root!r})), "tiny", start, grader=grader)
"""


def command(course, folder, *, seconds):
    """Return a script that grades, and the environment in which each takes so many seconds."""
    script = folder / "command.py"
    script.write_text(COMMAND.format(root=str(course.root)))
    paths = [str(TESTS), str(TESTS.parent / "src")]
    own = {"PYTHONPATH": os.pathsep.join(paths), "FAKE_SECONDS": str(seconds)}
    return script, os.environ | own


def test_an_interrupt_ends_workers_at_once_and_without_a_word(course, log, tmp_path):
    submit(course, "ann", "bob", "cid")
    script, environment = command(course, tmp_path, seconds=60)
    process = subprocess.Popen(
        [sys.executable, script],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (log.exists() and len(log.read_text().splitlines()) == 2):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=20)
    assert said.count("Traceback") == 1 and said.rstrip().endswith("KeyboardInterrupt")


def test_killed_at_any_moment_and_started_again_grades_each_once(course, log, tmp_path):
    students = [f"s{number:02}" for number in range(40)]
    submit(course, *students)
    script, environment = command(course, tmp_path, seconds=0.1)
    chance = random.Random(0)
    results = course.hidden / "results" / "tiny"

    def done():
        return len(list(results.glob("*/*.json")))

    kills = 0
    while kills < 3:
        before = done()
        process = subprocess.Popen([sys.executable, script], env=environment)
        target = before + chance.randint(1, 9)  # let it come some way, then a random moment more
        deadline = time.monotonic() + 60
        while done() < target and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() / 10)
        assert process.poll() is None, "it ended before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        assert done() < len(students)
    subprocess.run([sys.executable, script], env=environment, check=True)
    assert done() == len(students)
    assert scores(course) == dict.fromkeys(students, 5)
    assert {len(list((results / student).iterdir())) for student in students} == {1}
    with course.gradebook() as gradebook:
        assert len(gradebook.assignment_submissions("tiny")) == len(students)
    # At most those under way when it was killed (four) were computed a second time.
    assert sum(calls(log).values()) <= len(students) + 4 * kills
