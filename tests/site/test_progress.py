"""The page of progress shows, exports, imports and erases what is answered, and loses nothing."""

import json
import posixpath
from pathlib import Path

import pytest
from playwright.sync_api import expect

KEY = "attention-under-the-hood/progress/1"
PROGRESS = "book/reference/progress.html"
RIGHT = {"tried": 1, "right": True, "answer": "1"}
WRONG = {"tried": 3, "right": False, "answer": "0"}


@pytest.fixture(scope="module")
def labels(pages) -> list[list[str]]:
    """Return the names of the questions, chapter by chapter, as the page lists them."""
    rows = pages[PROGRESS].soup.select(".progress-table tbody tr")
    return [row["data-questions"].split() for row in rows]


def exported(questions: dict, **other) -> str:
    whole = {"book": "attention-under-the-hood", "version": 1, "questions": questions}
    return json.dumps({**whole, **other})


def put(page, stored: str) -> None:
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEY, stored])
    page.reload()


def kept(page) -> dict:
    stored = page.evaluate("key => localStorage.getItem(key)", KEY)
    return json.loads(stored)["questions"] if stored else {}


def table(page) -> list[list[str]]:
    rows = page.locator(".progress-table tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()[1:]] for row in rows]


def give(page, content: str | bytes) -> str:
    """Import a file, and return what is told."""
    told = page.get_by_role("status")
    told.evaluate("e => { e.textContent = ''; }")
    raw = content if isinstance(content, bytes) else content.encode()
    file = {"name": "<b>progress</b>.json", "mimeType": "application/json", "buffer": raw}
    page.get_by_label("Import").set_input_files(file)
    expect(told).not_to_be_empty()
    return told.inner_text()


def test_it_lists_all_questions_and_each_leads_to_its_chapter(pages, labels):
    # Most pages ask nothing, and need not be parsed to see it.
    asking = {path: page for path, page in pages.items() if "data-question=" in page.text}
    asked = {
        path: [one["data-question"] for one in page.soup.select(".question")]
        for path, page in asking.items()
    }
    rows = pages[PROGRESS].soup.select(".progress-table tbody tr")
    listed = {
        posixpath.normpath(f"book/reference/{row.a['href']}"): row["data-questions"].split()
        for row in rows
    }
    assert listed == asked
    assert labels == list(listed.values())


@pytest.mark.parametrize("view", ["light", "phone"])
def test_it_shows_what_is_right_and_what_is_tried(visit, labels, view):
    page = visit(PROGRESS, view)
    first, last = labels[0], labels[-1]
    put(page, exported({first[0]: RIGHT, first[1]: WRONG, last[-1]: RIGHT, "gone": RIGHT}))
    shown = table(page)
    assert shown[0] == [str(len(first)), "1", "2"]
    assert shown[-1] == [str(len(last)), "1", "1"]
    assert all(row[1:] == ["0", "0"] for row in shown[1:-1])
    total = sum(map(len, labels))
    told = f"Of {total} questions you have tried 3, and answered 2 right."
    expect(page.get_by_text(told)).to_be_visible()
    assert (page.errors, page.foreign) == ([], [])


def test_an_export_goes_into_another_browser(visit, labels):
    one, other = visit(PROGRESS), visit(PROGRESS)
    mine, theirs = labels[0][0], labels[0][1]
    put(one, exported({mine: RIGHT}))
    put(other, exported({mine: WRONG, theirs: WRONG}))
    with one.expect_download() as download:
        one.get_by_role("button", name="Export", exact=True).click()
    assert download.value.suggested_filename == "attention-under-the-hood-progress.json"
    content = Path(download.value.path()).read_text("utf-8")
    assert json.loads(content)["version"] == 1
    told = give(other, content)
    assert told == "Imported: 1 answered questions, added to what was here."
    assert kept(other) == {mine: {**RIGHT, "tried": 3}, theirs: WRONG}
    assert table(other)[0][1:] == ["1", "2"]
    assert one.context.cookies() == []


def test_answers_of_no_chapter_are_kept_and_told(visit):
    page = visit(PROGRESS)
    assert "1 of them stand in no chapter of this edition." in give(page, exported({"x": RIGHT}))
    assert kept(page) == {"x": RIGHT}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "it is no JSON"),
        ("<script>alert(1)</script>", "it is no JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "it is no JSON"),
        (exported({})[:-4], "it is no JSON"),
        ('{"questions": {}}', "it is no progress of this book"),
        (exported({}, version=2), "another version"),
        (exported({"<img src=x onerror=alert(1)>": RIGHT}), "damaged"),
        (exported({"rows": {**RIGHT, "tried": -1}}), "damaged"),
        (" " * 1_000_001, "too large"),
    ],
)
def test_a_bad_file_changes_nothing(visit, labels, content, told):
    page = visit(PROGRESS)
    before = {labels[0][0]: RIGHT}
    put(page, exported(before))
    said = give(page, content)
    assert said.startswith("Nothing was imported, and what was here stays: ")
    assert told in said
    assert kept(page) == before
    assert page.locator("main img, main b").count() == 0
    assert page.errors == []


def test_a_storage_without_room_keeps_what_it_had(visit, labels):
    page = visit(PROGRESS)
    before = {labels[0][0]: RIGHT}
    put(page, exported(before))
    page.evaluate(
        "() => { Storage.prototype.setItem = () => {"
        " throw new DOMException('', 'QuotaExceededError'); }; }"
    )
    assert "no room left" in give(page, exported({labels[0][1]: RIGHT}))
    assert kept(page) == before


def test_one_button_erases_and_another_brings_back(visit, labels):
    page = visit(PROGRESS)
    before = {labels[0][0]: RIGHT}
    put(page, exported(before))
    back = page.get_by_role("button", name="Bring it back")
    expect(back).to_be_hidden()
    page.get_by_role("button", name="Erase").press("Enter")
    assert page.evaluate("key => localStorage.getItem(key)", KEY) is None
    assert table(page)[0][1:] == ["0", "0"]
    expect(page.get_by_role("status")).to_contain_text("Erased.")
    back.press("Enter")
    assert kept(page) == before
    expect(page.get_by_role("button", name="Erase")).to_be_focused()
    page.get_by_role("button", name="Erase").click()
    page.reload()
    expect(back).to_be_hidden()
    assert kept(page) == {}


def test_what_cannot_be_read_is_told_and_can_be_erased(visit):
    page = visit(PROGRESS)
    put(page, "{")
    expect(page.get_by_role("status")).to_contain_text("cannot be read")
    assert "cannot be read" in give(page, exported({"x": RIGHT}))
    assert page.evaluate("key => localStorage.getItem(key)", KEY) == "{"
    page.get_by_role("button", name="Erase").click()
    assert "Imported" in give(page, exported({"x": RIGHT}))


def test_a_refused_storage_is_told(visit):
    page = visit(PROGRESS)
    page.add_init_script(
        f"for (const name of ['getItem', 'setItem', 'removeItem']) {{"
        f"  const real = Storage.prototype[name];"
        f"  Storage.prototype[name] = function (key, ...rest) {{"
        f"    if (key === '{KEY}') throw new DOMException('', 'SecurityError');"
        f"    return real.call(this, key, ...rest);"
        f"  }};"
        f"}}"
    )
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("keeps nothing for this page")
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("status")).to_contain_text("keeps nothing for this page")
    assert page.errors == []


def test_an_answer_in_another_tab_shows(visit, labels):
    page = visit(PROGRESS)
    other = page.context.new_page()
    other.goto(page.url)
    put(other, exported({labels[0][0]: RIGHT}))
    expect(page.get_by_text("you have tried 1, and answered 1 right")).to_be_visible()


@pytest.mark.parametrize("view", ["light", "phone"])
def test_nothing_moves_when_its_script_comes(visit, view):
    page = visit(PROGRESS, view)
    controls = page.locator(".progress-controls")

    def places() -> list[dict]:
        page.reload()
        page.evaluate("document.fonts.ready.then(() => true)")
        shown = [page.locator(place) for place in (".progress-table", "tbody tr:last-child")]
        return [place.bounding_box() for place in shown]

    page.route("**/progress.js", lambda route: route.abort())
    before = places()
    expect(controls).to_have_count(0)
    page.unroute("**/progress.js")
    assert places() == before
    expect(controls).to_be_visible()


def test_without_scripts_it_lists_the_chapters_with_their_questions(visit, labels):
    page = visit(PROGRESS, java_script_enabled=False)
    rows = page.locator(".progress-table tbody tr").all()
    shown = [row.locator("td:visible").all_inner_texts()[1:] for row in rows]
    assert shown == [[str(len(some))] for some in labels]
    expect(page.locator(".progress-sum")).to_be_hidden()
    assert page.locator("main :is(input, .live-button)").count() == 0
