"""What is kept of a reader's answers: nothing broken comes in, nothing good is lost."""

import json
from pathlib import Path

import pytest

import bookbuild
from support.node import in_node

KEPT = Path(bookbuild.__file__).parent / "static" / "live" / "kept.js"
RUN = """
import * as kept from "./kept.js";
import { readFileSync } from "node:fs";
const { stored, limit, refused, todo } = JSON.parse(readFileSync(0, "utf8"));
const inside = new Map(stored === null ? [] : [[kept.KEY, stored]]);
const refuse = () => { if (refused) throw new DOMException("no", "SecurityError"); };
const place = {
  getItem(key) { refuse(); return inside.get(key) ?? null; },
  setItem(key, value) {
    refuse();
    if (value.length > limit) throw new DOMException("full", "QuotaExceededError");
    inside.set(key, value);
  },
  removeItem(key) { refuse(); inside.delete(key); },
};
const told = todo.map(([name, ...given]) => {
  if (name === "note") return kept.note(place, ...given);
  if (name === "erase") return kept.erase(place);
  if (name === "noStorage") return [kept.read(null).problem, kept.write(null, new Map())];
  const read = (text) => kept.parse(text);
  try {
    if (name === "parse") return Object.fromEntries(read(given[0]));
    if (name === "merged") return Object.fromEntries(kept.merged(read(given[0]), read(given[1])));
    return kept.text(read(given[0]));
  } catch (error) {
    return `wrong: ${error.message}`;
  }
});
const { REFUSED, FULL, BROKEN } = kept;
console.log(JSON.stringify({ told, stored: inside.get(kept.KEY) ?? null, REFUSED, FULL, BROKEN }));
"""
ONE = {"tried": 2, "right": False, "answer": "0"}


def text(questions: object, **other) -> str:
    whole = {"book": "attention-under-the-hood", "version": 1, "questions": questions}
    return json.dumps({**whole, **other})


def run(folder: Path, *todo: list, stored: str | None = None, limit=10**6, refused=False) -> dict:
    given = {"stored": stored, "limit": limit, "refused": refused, "todo": todo}
    return in_node(RUN, given, {"kept.js": KEPT.read_text("utf-8")}, folder)


def questions(stored: str | None) -> dict:
    return json.loads(stored)["questions"] if stored else {}


def test_each_try_is_kept_until_one_is_right(tmp_path):
    tries = [["rows", "0", False], ["rows", "2", False], ["rows", "1", True], ["rows", "0", False]]
    found = run(tmp_path, *(["note", *one] for one in tries), ["note", "other", "x", False])
    assert found["told"] == [""] * 5
    assert questions(found["stored"]) == {
        "rows": {"tried": 3, "right": True, "answer": "1"},
        "other": {"tried": 1, "right": False, "answer": "x"},
    }


def test_names_that_objects_have_are_ordinary(tmp_path):
    found = run(tmp_path, ["note", "constructor", "1", True], stored=text({}))
    assert questions(found["stored"])["constructor"]["tried"] == 1


def test_an_export_is_read_again(tmp_path):
    [again] = run(tmp_path, ["text", text({"rows": ONE})])["told"]
    assert questions(again) == {"rows": ONE}
    assert run(tmp_path, ["parse", again])["told"] == [{"rows": ONE}]


WRONG = {
    "": "no JSON",
    "{": "no JSON",
    "<b>x</b>": "no JSON",
    "[]": "no progress of this book",
    "null": "no progress of this book",
    "{}": "no progress of this book",
    text({}, book="another"): "no progress of this book",
    text({}, version=2): "another version",
    text({}, version="1"): "another version",
    text([]): "lists no questions",
    text(None): "lists no questions",
    text({"rows": None}): "damaged",
    text({"rows": {**ONE, "tried": 0}}): "damaged",
    text({"rows": {**ONE, "tried": 1.5}}): "damaged",
    text({"rows": {**ONE, "tried": "2"}}): "damaged",
    text({"rows": {**ONE, "right": 1}}): "damaged",
    text({"rows": {**ONE, "answer": None}}): "damaged",
    text({"rows": {**ONE, "answer": "x" * 201}}): "damaged",
    text({"<img src=x onerror=alert(1)>": ONE}): "damaged",
    text({"__proto__": ONE}): "damaged",
    text({"x" * 81: ONE}): "damaged",
    text({f"q{i}": ONE for i in range(2001)}): "damaged",
}


def test_what_is_no_export_is_refused(tmp_path):
    told = run(tmp_path, *(["parse", one] for one in WRONG))["told"]
    for given, problem in zip(told, WRONG.values(), strict=True):
        assert given.startswith("wrong: ") and problem in given


def test_what_nobody_asked_for_is_dropped(tmp_path):
    [found] = run(tmp_path, ["parse", text({"rows": {**ONE, "more": "<b>"}}, more=1)])["told"]
    assert found == {"rows": ONE}


@pytest.mark.parametrize("swapped", [False, True])
def test_an_import_loses_nothing(tmp_path, swapped):
    good = {"tried": 1, "right": True, "answer": "1"}
    both = [text({"rows": ONE, "mine": ONE}), text({"rows": good, "theirs": good})]
    [found] = run(tmp_path, ["merged", *(both[::-1] if swapped else both)])["told"]
    assert found == {"rows": {**good, "tried": 2}, "mine": ONE, "theirs": good}


@pytest.mark.parametrize("stored", ["{", text({}, version=2), text({"rows": 1})])
def test_what_cannot_be_read_is_left_as_it_is_and_told(tmp_path, stored):
    found = run(tmp_path, ["note", "rows", "1", True], stored=stored)
    assert found["told"] == [found["BROKEN"]]
    assert found["stored"] == stored
    assert run(tmp_path, ["erase"], stored=stored)["stored"] is None


def test_a_full_storage_is_told_and_keeps_what_it_had(tmp_path):
    before = text({"rows": ONE})
    found = run(tmp_path, ["note", "rows", "1", True], stored=before, limit=10)
    assert (found["told"], found["stored"]) == ([found["FULL"]], before)


def test_a_refused_storage_is_told(tmp_path):
    found = run(tmp_path, ["note", "rows", "1", True], ["erase"], refused=True)
    assert found["told"] == [found["REFUSED"]] * 2
    found = run(tmp_path, ["noStorage"])
    assert found["told"] == [[found["REFUSED"]] * 2]
