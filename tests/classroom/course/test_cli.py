"""The command line says what it can, what went wrong, and what to do; never a traceback."""

import errno
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.course import cli
from classroom.course.folder import write_atomically
from classroom.course.grade import grade_topic
from support import classroom as grader
from support.classroom import TINY, handed_in, inline

PAGE = Path(__file__).parents[3] / "book" / "reference" / "instructors.md"
COMMANDS = ["release", "collect", "grade", "feedback", "export", "report"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_that_can_be_run(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    example = re.search(r"Example: classroom (.*?)\. Exit", said)[1]
    assert cli._parser().parse_args(shlex.split(example)).command == command


def test_commands_of_the_page_can_be_run():
    lines = re.findall(r"^(?:\$ )?classroom (.*)$", PAGE.read_text(), re.MULTILINE)
    told = {cli._parser().parse_args(shlex.split(line)).command for line in lines}
    assert told == set(COMMANDS)


def test_help_imports_nothing_heavy():
    code = "import sys, classroom.course.cli as c; c._parser(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "nbgrader", "nbformat", "tqdm", "numpy"} & set(run.stdout.split())


def test_bad_use_is_told_in_a_sentence(tmp_path, capsys):
    course = ["--course", str(tmp_path / "course")]
    for arguments, said in [
        (["release", "nope", "--solutions", str(TINY.parent)], "topics in"),
        (["collect", "tiny", str(tmp_path)], "run `classroom release tiny` first"),
        (["grade", "tiny", "--workers", "0"], "0 workers"),
        (["export", "tiny", "--db", "nonsense"], "run `classroom release tiny` first"),
    ]:
        assert cli.main([*arguments, *course]) == 2
        error = capsys.readouterr().err
        assert said in error and "Traceback" not in error
    release = ["release", "tiny", "--solutions", str(TINY.parent), *course]
    assert cli.main([*release, "--db", "nonsense"]) == 2
    assert "no database" in capsys.readouterr().err
    assert cli.main([*release, "--db", "postgresql+pg8000://u:hushhush@127.0.0.1:9/x"]) == 2
    error = capsys.readouterr().err
    assert "cannot be opened" in error and "hushhush" not in error


def test_where_nothing_is_there_the_next_step_is_told(course, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for arguments, said in [
        (["collect", "tiny", str(tmp_path / "empty")], "holds no files"),
        (["grade", "tiny"], "run `classroom collect` first"),
        (["feedback", "tiny"], "run `classroom grade tiny` first"),
        (["report", "tiny"], "run `classroom grade tiny` first"),
        (["export", "tiny", "--format", "canvas"], "run `classroom collect` first"),
    ]:
        assert cli.main([*arguments, "--course", str(course.root)]) == 2
        assert said in capsys.readouterr().err


def test_exit_status_tells_whether_a_look_is_needed(course, tmp_path, capsys):
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    (delivery / "ann.ipynb").write_bytes(handed_in(course.notebook("release", "tiny")))
    arguments = ["collect", "tiny", str(delivery), "--course", str(course.root)]
    assert cli.main(arguments) == 0
    (delivery / "essay\u202e.pdf").write_bytes(b"")
    assert cli.main(arguments) == 1
    said = capsys.readouterr().out
    assert "1 unchanged, 1 refused; 1 submissions" in said and "\u202e" not in said


def test_a_full_disk_is_named_by_its_folder(course, tmp_path, monkeypatch, capsys):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "ann.ipynb").write_bytes(b"{}")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        arguments = ["collect", "tiny", str(tmp_path / "ann.ipynb"), "--course", str(course.root)]
        assert cli.main(arguments) == 2
    folder = course.notebook("submitted", "tiny", "ann").parent
    assert f"{folder}: No space left on device" in capsys.readouterr().err


def test_who_waits_makes_an_export_for_a_platform_incomplete_and_a_plain_one_not(
    course, tmp_path, capsys
):
    for name in ("ann", "bob"):
        data = handed_in(course.notebook("release", "tiny"))
        write_atomically(course.notebook("submitted", "tiny", name), data)
    grade_topic(course, "tiny", inline, grader=grader)
    template = tmp_path / "canvas.csv"
    template.write_text(
        "Student,ID,SIS Login ID\n"
        '"Doe, Ann",1,ann\n"Doe, Bob",2,bob\n"Xu, Li",3,li\n"Yu, Bo",4,bo\n'
    )
    arguments = ["export", "tiny", "--course", str(course.root)]
    assert cli.main(arguments) == 0
    assert "wait for you (points so far): ann; bob\n" in capsys.readouterr().err
    assert cli.main([*arguments, "--format", "canvas", "--template", str(template)]) == 1
    said = capsys.readouterr().err
    assert "wait for you (no grade yet): ann; bob\n" in said
    assert "nothing graded: Xu, Li; Yu, Bo\n" in said
