"""A course with the tiny topic, released once and copied for each test."""

import shutil

import pytest

from classroom.course.folder import Course
from classroom.course.release import release
from support.classroom import TINY


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    course = Course(tmp_path_factory.mktemp("released") / "course")
    release(course, "tiny", TINY.parent)
    return course


@pytest.fixture
def course(released, tmp_path):
    shutil.copytree(released.root, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture
def notebook(course):
    return course.notebook("release", "tiny")
