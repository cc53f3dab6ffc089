"""What students get holds nothing that they must not see, and the gradebook knows its points."""

import os
import shutil

import nbformat
import pytest

from classroom.course.folder import WRITING, Course, CourseError, write_atomically
from classroom.course.release import release
from classroom.exercises.handout import student_version
from classroom.exercises.source import read
from support.classroom import TINY


def test_release_is_the_student_version_as_a_notebook(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    expected = read(student_version(TINY.read_text())).cells
    assert [(c.cell_type, c.source.strip()) for c in cells] == [
        (c.cell_type, c.source.strip()) for c in expected
    ]


def test_release_hides_solutions_checks_and_rubrics(notebook):
    text = notebook.read_text()
    for secret in ("e / e.sum", "exponents", "graded", "overflow", "large_scores", "no number any"):
        assert secret not in text, secret
    assert "YOUR ANSWER HERE" in text and "NotImplementedError" in text


def test_course_needs_no_activated_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    course = Course(tmp_path / "course")
    release(course, "tiny", TINY.parent)
    assert course.notebook("release", "tiny").exists()
    assert os.environ["PATH"] == os.defpath


def test_gradebook_has_cells_and_points(course):
    with course.gradebook() as gradebook:
        cells = {c.name: c.max_score for c in gradebook.find_notebook("tiny", "tiny").grade_cells}
    assert cells == {"tiny-1-check": 3, "tiny-2-check": 2, "tiny-3": 4}


def test_release_again_is_the_same(course, notebook):
    before = notebook.read_text()
    assert release(course, "tiny", TINY.parent) == 9
    assert notebook.read_text() == before


def test_changed_exercises_are_refused_once_submissions_are_graded(course, tmp_path):
    with course.gradebook() as gradebook:
        gradebook.add_student("jane")
        with gradebook.db.no_autoflush:
            gradebook.add_submission("tiny", "jane")
    notebooks = [course.notebook(step, "tiny") for step in ("source", "release")]
    before = [notebook.read_bytes() for notebook in notebooks]
    changed = TINY.read_text().replace("tiny-2", "tiny-5").replace("tiny.2", "tiny.5")
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "tiny.md").write_text(changed)
    with pytest.raises(CourseError, match="could not release tiny"):
        release(course, "tiny", tmp_path / "solutions")
    assert course.source("tiny") == TINY.read_text()
    assert [notebook.read_bytes() for notebook in notebooks] == before


@pytest.mark.parametrize("topic", ["nope", "../tiny", "Tiny", ""])
def test_unknown_topics_are_refused(course, topic):
    with pytest.raises(CourseError, match="topics in"):
        release(course, topic, TINY.parent)


def test_secret_is_made_once_readable_by_its_owner_only_and_hidden_from_git(course):
    secret = course.secret()
    assert len(secret) == 64 and course.secret() == secret
    assert (course.hidden / "secret").stat().st_mode & 0o077 == 0
    assert "*" in (course.hidden / ".gitignore").read_text().split()
    shutil.rmtree(course.root)
    assert course.secret() != secret


def test_one_command_at_a_time(course):
    with course.locked(), pytest.raises(CourseError, match="another command"), course.locked():
        pass


def test_what_a_killed_command_left_half_written_is_cleared_away(course):
    whole = course.hidden / "results" / "ann.json"
    write_atomically(whole, b"{}")
    whole.with_name(f"{WRITING}ann").write_bytes(b"{")
    with course.locked():
        assert list(whole.parent.iterdir()) == [whole]
