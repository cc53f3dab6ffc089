"""The journal: what is kept, what a step still lacks, and what becomes of edited files."""

import json

import pytest

from lab import STEPS, compare_sentences, open_journal
from lab.entries import Entry, write_anew
from lab.examples import EXAMPLES
from lab.journal import Journal
from lab.progress import states
from lab.showing import Shown

SUSPECTS = [{"claim": f"head {head} thinks", "status": "refuted", "lost": {"means": [0.02, 3, 0]}}
            for head in ("1.1", "2.2")]  # fmt: skip
GOOD = {
    1: ({"sentences": ["a", "b"], "heads": {"0.1": []}, "layers": 1, "heads_a_layer": 2},
        "I saw that head 0.1 moves to the other noun"),
    2: ({"prefixes": ["a"], "endings": [["cars"], ["car"]]},
        "with cars at the end it expects another form"),
    3: ({"sentence": "a", "first": 1, "looks": {"layer 0, mean": [["cat", 1], ["dog", 1]]}},
        "first it looks at cat and then it goes to dog"),
    4: ({"lengths": [1, 2, 3], "repeats": 3,
         "rows": [{"new": 3, "ms": 9.1}, {"new": 3, "ms": 3.0}]},
        "the cache is 3.0 times as fast here, with the longest of texts"),
    5: ({"claims": ["x"], "verdicts": SUSPECTS},
        "neither head 1.1 nor 2.2 was needed here: 0.02 of the answers were lost"),
    6: ({}, "most of what I saw was chance in one sentence"),
}  # fmt: skip
LINKS = {n: "head noise" for n in range(1, 6)}


def record(journal: Journal, step: int, note: str | None = None, **facts):
    good, said = GOOD[step]
    result = Shown("", {**good, **facts}) if step < 6 else None
    answers = {"links": LINKS} if step == 6 else {}
    return journal.record(step, result, note=said if note is None else note, **answers)


def names(journal: Journal) -> dict[int, str]:
    return {step: state.name for step, state in states(journal.entries()).items()}


def test_a_whole_lab_is_done(journal):
    for step in STEPS:
        assert f"Step {step} is done" in record(journal, step).markdown
    assert set(names(journal).values()) == {"done"}
    assert "6 of 6 steps done, 50 of 50 minutes." in journal.progress().markdown


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_be_done_alone_and_with_only_what_it_asks_for(journal, step):
    told = record(journal, step).markdown
    assert f"Step {step} is done" in told and "1 of 6 steps done" in told


@pytest.mark.parametrize(
    ("step", "note", "facts", "missing"),
    [
        (1, "short", {}, "at least 8 different words in note: it has 1"),
        (1, "banana banana banana banana banana banana banana 1.1", {}, "it has 1"),
        (1, "this note has no head named in all its words", {}, "name a head"),
        (1, "I saw that head 7.9 moves to the other noun", {}, "no head 7.9: layers are 0 to 0"),
        (1, None, {"sentences": ["a", "a"]}, "two sentences that differ"),
        (1, None, {"sentences": EXAMPLES[1][1]["sentences"]}, "edit a sentence"),
        (2, "the model says something else at the end now", {}, "a last token that you changed"),
        (3, "first it looks at cat and then somewhere else", {}, "that step 2 looks at"),
        (3, "first it looks somewhere and then goes to dog", {}, "that step 1 looks at"),
        (4, "the cache is much faster here with the longest texts", {}, "a number of the table"),
        (4, "the cache is 9999 times faster here with the longest", {}, "a number of the table"),
        (5, "head 2.2 knows grammar and so do all of the others", {}, "a number of the table"),
        (5, "one of them was needed: 0.02 of the answers were lost", {}, "a head that was tested"),
        (4, None, {"lengths": [1, 2]}, "three or more lengths"),
        (4, None, {"repeats": 1}, "three or more repeats"),
        (5, None, {"verdicts": GOOD[5][0]["verdicts"][:1]}, "two or more different claims"),
        (5, None, {"verdicts": [{"claim": "z", "status": "not tested", "reason": "unread"}]},
         "'z' was not tested: unread"),
        (5, None, {"claims": EXAMPLES[5][1]["claims"]}, "name suspects of your own"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_and_the_observation_kept(journal, step, note, facts, missing):
    told = record(journal, step, note, **facts).markdown.replace("\\", "")
    assert missing in told and "is done" not in told
    assert names(journal)[step] == "started"
    assert len(journal.entries()) == 1


@pytest.mark.parametrize(
    ("step", "note", "facts"),
    [
        (1, "head 0.1 moves its weight of 0.54 to the other noun", {}),
        (2, "with Cars at the end it expects another form", {"endings": [["Cars"], ["Car"]]}),
        (3, "at 's it begins and in the end it goes to </s>",
         {"looks": {"layer 0, mean": [["'s", 1], ["</s>", 1]]}}),
    ],
)  # fmt: skip
def test_what_a_note_may_say(journal, step, note, facts):
    assert f"Step {step} is done" in record(journal, step, note, **facts).markdown


def test_another_steps_result_is_no_result(journal):
    told = journal.record(2, Shown("", GOOD[1][0]), note=GOOD[2][1]).markdown
    assert r"pass what compare\_prefixes returned" in told


def test_a_text_in_the_place_of_a_result_is_a_note(journal):
    journal.record(1, "I forgot the name of the argument")
    assert journal.entries()[0].note == "I forgot the name of the argument"


def test_a_note_without_a_result_is_kept(journal):
    told = journal.record(1, None, note="I could not run the comparison but saw 0.1 move").markdown
    assert r"pass what compare\_sentences returned" in told
    assert "could not run" in journal.entries()[0].note


@pytest.mark.parametrize("step", STEPS)
def test_the_example_is_not_the_learners(journal, step):
    note, inputs = EXAMPLES[step]
    seen = {
        1: {"heads": {"0.0": []}}, 2: {"endings": [["table"], ["tables"]]},
        3: {"looks": {"mean": [["it", 1], ["is", 1]]}, "first": 10},
        4: {"repeats": 5, "rows": [{"new": 8, "ms": 2.0}, {"new": 128, "ms": 1.0}]},
        5: {"verdicts": [{**one, "rate": 1.0} for one in SUSPECTS]}, 6: {},
    }  # fmt: skip
    told = record(journal, step, note, **{**seen[step], **inputs}).markdown
    assert "from the example" in told
    assert names(journal)[step] == "example"
    half = record(journal, step, note + " And I agree.", **{**seen[step], **inputs}).markdown
    assert ("is done" in half) == (step == 6)


def test_an_example_or_an_unfinished_note_undoes_nothing(journal):
    record(journal, 4)
    assert "it stays done" in record(journal, 4, "shorter").markdown
    assert names(journal)[4] == "done" and len(journal.entries()) == 2


def test_links_name_each_observation_and_known_limitations(journal):
    record(journal, 1)
    record(journal, 4)
    note = GOOD[6][1]
    told = journal.record(6, links={1: "noise"}, note=note).markdown
    assert "step 1 is linked to 'noise': choose one of ambiguity" in told
    assert "link the observation of step 4" in told
    for wrong in ({}, "ambiguity", None):
        assert "pass links" in journal.record(6, links=wrong, note=note).markdown
    linked = journal.record(6, links={1: "Ambiguity ", "4": "cost"}, note=note).markdown
    assert "Step 6 is done" in linked


def test_progress_survives_a_closed_notebook(journal):
    record(journal, 2)
    again = open_journal(journal.folder)
    assert names(again) == names(journal)
    assert "1 observation so far" in repr(again)


def test_two_notebooks_that_are_open_at_once_lose_nothing(journal):
    other = Journal(journal.folder)
    for step in (1, 2):
        record(journal, step)
        record(other, step + 2)
    assert [one.step for one in journal.entries()] == [1, 3, 2, 4]


def test_the_same_observation_is_kept_once(journal):
    for _ in range(2):
        record(journal, 1)
    assert len(journal.entries()) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("expects", "EXPECTS"),
        lambda text: text[:40],
        lambda text: "",
        lambda text: "[]",
        lambda text: json.dumps({**json.loads(text), "more": 1}),
    ],
)
def test_a_file_that_was_edited_or_damaged_is_set_aside_and_told(journal, damage):
    record(journal, 1)
    record(journal, 2)
    [path] = journal.folder.glob("*-step-2-*.json")
    damaged = damage(path.read_text())
    path.write_text(damaged)
    again = open_journal(journal.folder)
    for _ in range(2):  # it is told until a step has told it
        assert "set-aside-1" in repr(again)
    assert "set-aside-1" in again.progress().markdown
    assert "set-aside-1" not in again.progress().markdown
    assert names(again) | {2: "open"} == names(again) and names(again)[1] == "done"
    [aside] = journal.folder.glob("*.set-aside-1")
    assert aside.read_text() == damaged
    record(again, 2)
    assert names(again)[2] == "done"


def test_an_entry_that_was_only_formatted_anew_still_counts(journal):
    record(journal, 1)
    [path] = journal.folder.glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    assert names(journal)[1] == "done"


def test_odd_answers_are_kept_as_text(journal):
    journal.record(6, note="a note", links={1: {2, 3}}, more=object())
    assert journal.entries()[0].answers["links"] == {"1": "{2, 3}"}
    assert "pass links" in journal.record(6, note="a note", links={(1, 2): "cost"}).markdown
    journal.record(6, note="half of an emoji: \ud83d")
    assert [one.note for one in journal.entries()][1:] == ["a note", "half of an emoji: ?"]


def test_steps_and_folders_that_do_not_exist(journal, tmp_path):
    for step in (7, "1", [1]):
        with pytest.raises(ValueError, match="pass a number from 1 to 6"):
            journal.record(step, note="a note")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        open_journal(tmp_path / "file")
    with pytest.raises(ValueError, match="leave your text in its cell"):
        write_anew(tmp_path / "file" / "entry.json", "text")


def test_a_journal_stands_beside_its_notebook_or_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.delenv("CLASSROOM_FOLDER", raising=False)
    monkeypatch.chdir(tmp_path)
    assert open_journal().folder.resolve() == tmp_path / "detective-journal"
    monkeypatch.setenv("CLASSROOM_FOLDER", str(tmp_path / "else"))
    assert open_journal().folder == tmp_path / "else" / "detective-journal"
    assert list(tmp_path.iterdir()) == []  # nothing is written before there is an observation


def test_nothing_half_written_is_left(journal):
    record(journal, 1)
    assert [path.suffix for path in journal.folder.iterdir()] == [".json"]


def test_facts_of_a_real_comparison_are_kept_as_they_are(journal, encoder):
    both = ["the cup breaks the mirror because it is too heavy .",
            "the cup breaks the mirror because it is too fragile ."]  # fmt: skip
    found = compare_sentences(encoder, both, "it")
    assert "Step 1 is done" in journal.record(1, found, note=GOOD[1][1]).markdown
    assert journal.entries()[0].facts == found.facts
    assert Entry(1, 1, "", "").same_as(Entry(2, 1, "", ""))
