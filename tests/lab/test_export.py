"""The export: what an instructor reads, and how a hand in it is noticed."""

import json
import re
from pathlib import Path

import pytest
import yaml

from lab import LIMITATIONS, compare_sentences, read_export
from lab.journal import Journal
from lab.limitations import SITE, address

ROOT = Path(__file__).parents[2]
NOTE = "I saw that head 0.1 moves | to the *other* noun"


@pytest.fixture
def exported(journal, encoder):
    both = ["the cup breaks the mirror because it is too heavy .",
            "the cup breaks the mirror because it is too fragile ."]  # fmt: skip
    journal.record(1, compare_sentences(encoder, both, "it"), note=NOTE)
    journal.record(4, note="not finished")
    journal.record(
        6, links={1: "head noise", 4: "cost"}, note="What I conclude from all of this is a lot"
    )
    journal.export(learner="Ada")
    return journal


def test_an_instructor_sees_what_was_done_with_which_models_and_when(exported):
    text = (exported.folder / "report.md").read_text()
    for told in (
        "Learner: Ada", "2 of 6 steps done", "DistilBERT (3 layers of 4 heads", "torch 2.",
        "[head noise](https://", "State: started", "Written day 1", "0.1 moves \\| to the \\*other",
        "write at least 8 different words", "the cup breaks the mirror because it is too heavy .",
    ):  # fmt: skip
        assert told in text, told
    exported.record(1, note="I looked again, and saw less")
    exported.export(learner="Ada")
    text = (exported.folder / "report.md").read_text()
    assert "Observations: 2; the first one counts" in text  # all of them, and that one first
    assert text.index("0.1 moves") < text.index("I looked again, and saw less")
    data = read_export(exported.folder / "report.json").facts["report"]
    assert data["observations"][0]["note"] == NOTE
    assert data["observations"][0]["facts"]["heads"]["0.0"]
    assert [step["state"] for step in data["steps"]] == [
        "done",
        "open",
        "open",
        "started",
        "open",
        "done",
    ]
    assert data["steps"][0]["limitation"] == "head noise"


@pytest.mark.parametrize("name", ["report.md", "report.json"])
def test_an_export_as_it_was_written_is_intact(exported, name):
    read = read_export(exported.folder / name)
    assert read.facts["intact"] and "as the lab wrote it" in read.markdown
    path = exported.folder / name
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))  # a mail program's line ends
    assert read_export(path).facts["intact"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("report.md", "2 of 6", "6 of 6"),
        ("report.md", "Digest of all above", "Digest"),
        ("report.json", "started", "done"),
        ("report.json", '"digest": "', '"digest": "0'),
        ("report.json", '"learner": "Ada"', '"learner": "Bob"'),
    ],
)
def test_a_hand_edited_export_is_recognized_and_kept(exported, name, before, after):
    path = exported.folder / name
    edited = path.read_text().replace(before, after)
    assert edited != path.read_text()
    path.write_text(edited)
    read = read_export(path)
    assert not read.facts["intact"] and "changed after it was exported" in read.markdown
    told = exported.export("Ada").markdown
    assert f"{name}.set-aside-1" in told
    assert (exported.folder / f"{name}.set-aside-1").read_text() == edited
    assert read_export(path).facts["intact"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("report.json", "{", "is damaged"),
        ("report.json", "[1]", "no export of this lab"),
        ("report.json", '{"format": "other"}', "no export of this lab"),
        ("report.md", "# My notes", "no export of this lab"),
        ("absent.json", None, "cannot be read"),
        ("report.md", b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_no_export(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=message):
        read_export(tmp_path / name)


def test_a_damaged_export_is_written_anew_from_the_journal(exported):
    (exported.folder / "report.json").write_text("{")
    assert "set-aside-1" in exported.export().markdown
    assert read_export(exported.folder / "report.json").facts["intact"]


def test_journals_of_two_machines_can_be_put_together(exported):
    """Then two observations of a step have one number."""
    other = Journal(exported.folder.parent / "other")
    other.record(1, note="on another machine")
    other.record(4, note="nothing seen yet")
    for file in other.folder.iterdir():
        file.rename(exported.folder / file.name)
    exported.export()
    data = read_export(exported.folder / "report.json").facts["report"]
    assert [one["number"] for one in data["observations"]] == [1, 2, 3, 4, 5]
    counts = data["steps"][3]["counts"]
    assert (
        f"> {data['observations'][counts - 1]['note']}"
        in (exported.folder / "report.md").read_text()
    )


def test_an_empty_journal_can_be_exported(journal):
    journal.export()
    assert "0 of 6 steps done" in (journal.folder / "report.md").read_text()


def test_limitations_lead_to_sections_of_the_published_book():
    page = (ROOT / "book" / "limits" / "limitations.md").read_text()
    labels = re.findall(r"^\(([\w-]+)\)=$", page, re.M)
    assert set(LIMITATIONS.values()) <= set(labels)
    assert yaml.safe_load((ROOT / "_config.yml").read_text())["html"]["baseurl"] == SITE
    assert address("cost") == f"{SITE}book/limits/limitations.html#memory-counted"
    assert json.dumps(LIMITATIONS)
