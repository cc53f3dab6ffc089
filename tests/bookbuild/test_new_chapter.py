"""A chapter that is laid out has all that the tests of form and of rooms ask for."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bookbuild.new_chapter import lay_out, main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path) -> Path:
    """Return a copy of what a new chapter is entered in."""
    for name in ("src/lessons", "tests/lessons/limits", "tests/book", "book"):
        skipped = shutil.ignore_patterns("__pycache__", "weights", "vendor")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skipped)
    for name in ("_toc.yml", "index.md"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def loaded(path: Path):
    """Import a test file from a copy of the repository, so that it looks at that copy."""
    spec = importlib.util.spec_from_file_location(f"copied_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("topic", ["limits", "training"])  # of several chapters, and of one
def test_a_chapter_that_is_laid_out_passes_the_tests_of_form_and_rooms(repository, topic):
    lay_out(repository, topic, "new-idea")
    page = repository / "book" / topic / "new-idea.md"
    form = loaded(repository / "tests" / "book" / "test_form.py")
    for check in form.CHECKS:
        assert check(page.read_text("utf8")) == []
    topics = loaded(repository / "tests" / "book" / "test_topics.py")
    assert topics.unlike(topic, topics.chapters_of(topic), topics.rooms_of(topic)) == []
    topics.test_each_module_has_its_entry_on_the_api_pages(topic)
    api = f"book/reference/api/{topic}"
    text = (repository / f"{api}.md").read_text("utf8")
    assert f"\n- {{doc}}`{topic}/new-idea`, of the chapter " in text
    text = (repository / "_toc.yml").read_text("utf8")
    assert f"\n              - file: {api}/new-idea\n" in text
    contents = yaml.safe_load((repository / "_toc.yml").read_text("utf8"))
    [part] = [part for part in contents["parts"] if part["caption"].lower() == topic]
    assert {"file": f"book/{topic}/new-idea"} in part["chapters"]
    assert f"\n[New idea](book/{topic}/new-idea.md).\n" in (repository / "index.md").read_text()


def test_its_module_and_its_test_run(repository):
    lay_out(repository, "limits", "new-idea")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest"]
    test = "tests/lessons/limits/new_idea/test_new_idea_idea.py"
    environment = {"PYTHONPATH": str(repository / "src"), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        [*command, test], cwd=repository, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
    assert "2 passed" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say which: make chapter TOPIC/NAME"),
        (["limits"], "say which: make chapter TOPIC/NAME"),
        (["limits/New_Idea"], "lower case with hyphens"),
        (["nothing/new-idea"], "there is no topic 'nothing': pass one of "),
        (["limits/limitations"], "book/limits/limitations.md is there already"),
    ],
)
def test_a_wrong_name_gets_a_sentence_and_writes_nothing(
    repository, monkeypatch, capsys, arguments, sentence
):
    monkeypatch.chdir(repository)
    before = sorted(repository.rglob("*"))
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(repository.rglob("*")) == before
