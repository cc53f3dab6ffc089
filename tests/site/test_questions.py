"""A reader answers a question and is told why it is right or wrong; the browser remembers."""

import gzip
import json

import pytest
from playwright.sync_api import expect

from support import visit as visit_support
from support.checks import Page

KEY = "attention-under-the-hood/progress/1"
KINDS = ("choice", "number", "order", "cell")
MOST = 60_000  # bytes of all scripts of a page, compressed


@pytest.fixture(scope="module")
def places(pages: dict[str, Page]) -> dict[str, tuple[str, str]]:
    """Return, for each kind, the page and the name of a question."""
    found = {}
    for path, page in pages.items():
        # Parsing all pages would take longer than all the tests.
        if any(f'data-kind="{kind}"' in page.text for kind in {*KINDS} - {*found}):
            for asked in page.soup.select(".question"):
                found.setdefault(asked["data-kind"], (path, asked["data-question"]))
    assert sorted(found) == sorted(KINDS), "no chapter asks a question of each kind"
    return found


@pytest.fixture
def ask(visit, places):
    """Open the page of a question of a kind, and return it with the question."""

    def opened(kind: str, view: str = "light", **options):
        path, label = places[kind]
        page = visit(path, view, **options)
        asked = page.locator(f'.question[data-question="{label}"]')
        asked.scroll_into_view_if_needed()
        return page, asked

    return opened


def kept(page) -> dict:
    stored = page.evaluate("key => localStorage.getItem(key)", KEY)
    return json.loads(stored)["questions"] if stored else {}


def replies(asked) -> list[str]:
    """Return what a question replies, without the verdicts."""
    return asked.locator(".question-told > :is(ul, ol) > li").evaluate_all(
        """items => items.map((item) => {
          const copy = item.cloneNode(true);
          copy.querySelector('.question-verdict')?.remove();
          return copy.textContent.replace(/\\s+/g, ' ').trim();
        })"""
    )


def said(asked) -> str:
    text = asked.locator(".question-said").evaluate("e => e.textContent")
    return " ".join(text.split())


def check(asked) -> None:
    asked.get_by_role("button", name="Check").press("Enter")


def put_in_order(asked, order: list[int]) -> None:
    """Bring steps into an order by their buttons, as the keyboard does."""
    shown = [int(place) for place in asked.get_attribute("data-order").split()]
    for target, place in enumerate(order):
        now = shown.index(place)
        while now > target:
            item = asked.locator(".question-answers > li").nth(now)
            up = item.get_by_role("button", name="Up:")
            up.press("Enter")
            moved = asked.locator(".question-answers > li").nth(now - 1)
            expect(moved.get_by_role("button", name="Up:")).to_be_focused()
            assert f"now {now} of {len(order)}." in said(asked)
            shown.insert(now - 1, shown.pop(now))
            now -= 1


@pytest.mark.parametrize("view", ["light", "phone"])
def test_each_answer_of_a_choice_gets_its_reply(ask, view):
    page, asked = ask("choice", view)
    told, right = replies(asked), int(asked.get_attribute("data-right"))
    expect(asked.locator(".question-told")).to_be_hidden()
    check(asked)
    assert said(asked) == "Choose an answer first."
    wrong = [i for i in range(len(told)) if i != right]
    for i in [*wrong, right]:
        asked.locator("label").nth(i).click()
        check(asked)
        assert said(asked) == f"{'Right.' if i == right else 'Not yet.'} {told[i]}"
        [answer] = kept(page).values()
        assert answer["right"] == (i == right)
    assert answer["tried"] == len(told)
    expect(asked.locator(".question-told > summary")).to_be_visible()
    assert (page.errors, page.foreign) == ([], [])


def test_a_choice_is_made_by_keyboard_alone(ask):
    page, asked = ask("choice")
    asked.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(asked.locator("input").nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    assert said(asked).endswith(replies(asked)[1])
    expect(asked.locator(".question-said")).to_have_attribute("role", "status")


def test_numbers_get_their_replies(ask):
    page, asked = ask("number")
    told, right = replies(asked), int(asked.get_attribute("data-right"))
    values = [float(value) for value in asked.get_attribute("data-values").split()]
    field = asked.get_by_label("Your number")
    for text in ("", "<b>many</b>"):
        field.fill(text)
        field.press("Enter")
        assert said(asked) == "Write a number, like 12 or 0.5."
    assert kept(page) == {}
    for i, value in enumerate(values):
        field.fill(str(value))
        field.press("Enter")
        assert said(asked) == f"{'Right.' if i == right else 'Not yet.'} {told[i]}"
    field.fill("-98765.4321")
    field.press("Enter")
    assert said(asked) == f"Not yet. {told[-1]}"


@pytest.mark.parametrize("view", ["light", "phone"])
def test_steps_are_put_in_order_by_keyboard(ask, view):
    page, asked = ask("order", view)
    check(asked)
    assert said(asked).startswith("Not yet.Too early: ")
    count = asked.locator(".question-answers > li").count()
    put_in_order(asked, list(range(count)))
    check(asked)
    assert said(asked) == "Right."
    [answer] = kept(page).values()
    assert answer == {"tried": 2, "right": True, "answer": " ".join(map(str, range(count)))}
    assert (page.errors, page.foreign) == ([], [])


def replied(asked) -> list[tuple[int, int]]:
    """Return the cells with a reply of their own, each as its row and its column."""
    places = asked.get_attribute("data-cells").split()
    return [tuple(map(int, place.split("."))) for place in places]


@pytest.mark.parametrize("view", ["light", "phone"])
def test_each_cell_gets_its_reply_and_tells_its_names(ask, view):
    page, asked = ask("cell", view)
    told, right = replies(asked), int(asked.get_attribute("data-right"))
    table = asked.get_by_role("table")
    columns = table.locator("thead th").all_inner_texts()[1:]
    check(asked)
    assert said(asked) == "Choose a cell first."
    places = replied(asked)
    others = [(i, j) for i in range(table.locator("tbody tr").count()) for j in range(len(columns))]
    other = next(one for one in others if one not in places)
    order = [*(one for one in places if one != places[right]), other, places[right]]
    for place in order:
        row = table.locator("tbody tr").nth(place[0])
        cell = row.locator("td").nth(place[1])
        cell.tap() if view == "phone" else cell.click()
        expect(cell.get_by_role("radio")).to_be_checked()
        name = f"{row.locator('th').inner_text()} → {columns[place[1]]}"
        name += f": {cell.inner_text()}" if cell.inner_text() else ""
        expect(cell.get_by_role("radio")).to_have_accessible_name(name)
        check(asked)
        verdict = "Right." if place == places[right] else "Not yet."
        reply = told[places.index(place)] if place in places else told[-1]
        assert said(asked) == f"{verdict}{name}. {reply}"
    [answer] = kept(page).values()
    assert answer == {"tried": len(order), "right": True, "answer": "{}.{}".format(*order[-1])}
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert (page.errors, page.foreign) == ([], [])


def test_arrows_lead_from_cell_to_cell_and_stop_at_the_edge(ask):
    page, asked = ask("cell")
    radios = asked.get_by_role("radio")
    columns = asked.locator("thead th").count() - 1
    radios.first.focus()
    place = 0
    for key, by in (
        ("Down", columns),
        ("Right", 1),
        ("Up", -columns),
        ("Up", 0),
        ("Left", -1),
        ("Left", 0),
    ):
        page.keyboard.press(f"Arrow{key}")
        place += by
        expect(radios.nth(place)).to_be_focused()
        expect(radios.nth(place)).to_be_checked(checked=(key, by) != ("Down", 0))
    page.keyboard.press("Enter")
    assert said(asked).startswith(radios.first.get_attribute("aria-label"), len("Not yet."))


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_where_an_answer_is_told(ask, kind):
    for view in ("light", "dark", "phone"):
        page, asked = ask(kind, view)
        if kind == "number":
            asked.get_by_label("Your number").fill("7.25")
        elif kind != "order":
            asked.get_by_role("radio").first.check()
        check(asked)
        expect(asked.locator(".question-said")).not_to_be_empty()
        page.evaluate(visit_support.AXE_SCRIPT)
        assert page.evaluate(visit_support.AXE, [visit_support.AXE_TAGS, False]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_there_again_after_a_reload_and_in_no_other_browser(ask, kind):
    page, asked = ask(kind)
    if kind == "choice":
        asked.locator("label").last.click()
    elif kind == "number":
        asked.get_by_label("Your number").fill("7.25")
    elif kind == "cell":
        asked.get_by_role("radio").last.check()
    check(asked)
    before = said(asked)
    assert before.startswith(("Right.", "Not yet."))
    page.reload()
    expect(asked.locator(".question-said")).not_to_be_empty()
    assert said(asked) == before
    if kind == "number":
        expect(asked.get_by_label("Your number")).to_have_value("7.25")
    elif kind == "cell":
        expect(asked.get_by_role("radio").last).to_be_checked()
    [answer] = kept(page).values()
    assert answer["tried"] == 1, "a reload is no try"
    _, other = ask(kind)
    assert said(other) == ""
    assert page.context.cookies() == []


def test_what_can_be_touched_is_large_enough(ask):
    for kind in KINDS:
        _, asked = ask(kind, "phone")
        for one in asked.locator("label:has(input), button, input[type=text], td").all():
            assert one.bounding_box()["height"] >= 44
        for one in asked.locator("td input").all():
            assert min(one.bounding_box()[side] for side in ("width", "height")) >= 44
        if kind != "choice":
            check(asked)
            continue
        asked.locator("label").first.click()
        check(asked)
        assert asked.locator("summary").bounding_box()["height"] >= 44


FAULTS = {
    "full": "() => { Storage.prototype.setItem = () => {"
    " throw new DOMException('', 'QuotaExceededError'); }; }",
    "refused": "Object.defineProperty(window, 'localStorage', "
    "{ get() { throw new DOMException('', 'SecurityError'); } })",
}


@pytest.mark.parametrize(
    ("fault", "told"), [("full", "no room left"), ("refused", "keeps nothing for this page")]
)
def test_a_storage_that_fails_is_told_in_place(ask, fault, told):
    page, asked = ask("choice")
    right = int(asked.get_attribute("data-right"))
    asked.locator("label").nth(0 if right else 1).click()
    check(asked)
    before = kept(page)
    page.evaluate(FAULTS[fault])
    asked.locator("label").nth(right).click()  # after a right answer there is no more to keep
    check(asked)
    assert replies(asked)[right] in said(asked)
    expect(asked.locator(".question-problem")).to_contain_text(told)
    page.reload()
    assert kept(page) == before != {}


@pytest.mark.parametrize("stored", ["{", '{"book": "attention-under-the-hood", "version": 2}'])
def test_what_cannot_be_read_stays_and_is_told(ask, stored):
    page, asked = ask("choice")
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEY, stored])
    page.reload()
    asked.locator("label").last.click()
    check(asked)
    expect(asked.locator(".question-problem")).to_contain_text("cannot be read")
    assert page.evaluate("key => localStorage.getItem(key)", KEY) == stored
    assert page.errors == []


def test_a_kept_answer_that_fits_no_more_is_harmless(ask):
    for kind in KINDS:
        page, asked = ask(kind)
        label = asked.get_attribute("data-question")
        odd = {"tried": 1, "right": True, "answer": "<img src=x onerror=alert(1)>"}
        whole = {"book": "attention-under-the-hood", "version": 1, "questions": {label: odd}}
        page.evaluate("([k, v]) => localStorage.setItem(k, v)", [KEY, json.dumps(whole)])
        page.reload()
        expect(asked.get_by_role("button", name="Check")).to_be_visible()
        assert asked.locator("img").count() == 0
        assert page.errors == []


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_and_on_paper_nothing_is_lost(ask, kind):
    _, still = ask(kind, java_script_enabled=False)
    assert still.locator("input, button").count() == 0
    expect(still.locator("summary")).to_be_visible()
    still.locator("summary").click()
    paper, printed = ask(kind)
    paper.emulate_media(media="print")
    for asked in (still, printed):
        expect(asked.locator(".question-asked")).to_be_visible()
        for item in asked.locator(".question-answers > li, .question-told li, td").all():
            expect(item).to_be_visible()
    assert printed.locator("button:visible, input[type=text]:visible").count() == 0


def test_the_scripts_of_a_page_are_light(visit, places):
    for path, _ in places.values():
        page = visit("index.html")
        scripts = {}
        page.on(
            "response",
            lambda answer, found=scripts: (
                found.update({answer.url: answer})
                if answer.request.resource_type == "script"
                else None
            ),
        )
        page.goto(f"{page.url.removesuffix('index.html')}{path}")
        page.wait_for_load_state("networkidle")
        sizes = {url: len(gzip.compress(one.body())) for url, one in scripts.items()}
        assert any(url.endswith("questions.js") for url in sizes)
        assert sum(sizes.values()) <= MOST, sizes
