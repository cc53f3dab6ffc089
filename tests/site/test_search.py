"""Who searches finds the lesson first, and then what refers to it."""

import re

import pytest
import yaml
from playwright.sync_api import expect

FIND = """
(queries) => queries.map((query) =>
  Search._performSearch(...Search._parseQuery(query)).reverse().map((result) => result[0]))
"""
KINDS = ("book/", "book/reference/", "exercises/", "book/reference/api/", "solutions/")


def keywords(repository) -> dict[str, list[str]]:
    """Return the words under which each page of the book says that it must be found."""
    found = {}
    for file in sorted((repository / "book").glob("*/*.md")):
        head = re.match(r"---\n(.*?)\n---\n", file.read_text("utf8"), re.S)
        settings = yaml.safe_load(head[1]) if head else {}
        words = settings.get("myst", {}).get("html_meta", {}).get("keywords")
        if words:
            page = file.relative_to(repository).with_suffix("").as_posix()
            found[page] = [word.strip() for word in words.split(",")]
    return found


@pytest.fixture(scope="module")
def search(chrome, origin):
    page = chrome.new_page(bypass_csp=True)  # for what Playwright waits with
    page.goto(f"{origin}/search.html")
    page.wait_for_function("typeof Search !== 'undefined' && Search.hasIndex()")
    yield lambda queries: page.evaluate(FIND, queries)
    page.close()


def test_every_chapter_says_how_it_is_found(repository):
    chapters = {
        file.relative_to(repository).with_suffix("").as_posix()
        for file in (repository / "book").glob("*/*.md")
        if file.parent.name != "reference"
    }
    told = keywords(repository)
    assert chapters <= {*told, "book/lab/attention-detective"}
    words = [word.lower() for some in told.values() for word in some]
    assert len(words) == len(set(words)), "two pages cannot both be found first"


def test_each_keyword_finds_its_page_first(repository, search):
    wanted = [(word, page) for page, words in keywords(repository).items() for word in words]
    assert len(wanted) > 200
    results = search([word for word, _ in wanted])
    wrong = [
        f"{word}: {pages[:3]}, not {page}"
        for (word, page), pages in zip(wanted, results, strict=True)
        if not pages or pages[0] != page
    ]
    assert not wrong, "\n".join(wrong)


def test_other_ways_to_write_it_do_as_well(search):
    asked = {
        "rope": "positions/positional-encoding",
        "layernorm": "blocks/transformer-block",
        "LAYERNORM": "blocks/transformer-block",
        "kv cache": "generation/kv-cache",
        "cache": "generation/kv-cache",
        "mha": "attention/multi-head",
        "flashattention": "limits/efficient-attention",
        "fine tuning": "adaptation/fine-tuning",
        "byte pair encoding": "tokens/tokenization",
        "mixture of expert": "families/decoders",
        "vanishing gradients": "recurrence/rnn-limits",
        "positional encodings": "positions/positional-encoding",
        "beam": "generation/decoding",
    }
    found = dict(zip(asked, search(list(asked)), strict=True))
    wrong = {
        query: found[query][:3] for query in asked if f"book/{asked[query]}" not in found[query][:1]
    }
    assert not wrong


def kind(page: str) -> int:
    """Return the place of a page's kind, by the longest beginning."""
    return KINDS.index(max((one for one in KINDS if page.startswith(one)), key=len))


def test_kinds_stand_in_their_order(search):
    for pages in search(["attention", "mask", "gradient", "cache", "loss"]):
        places = [kind(page) for page in pages if page.startswith(KINDS)]
        assert len(set(places)) >= 4
        assert places == sorted(places)


SECTION = re.compile("positions/positional-encoding.html#rotary")


def test_the_page_of_results_shows_the_section_once_and_what_it_says(visit):
    page = visit("search.html?q=RoPE")
    first = page.locator("#search-results li").first
    expect(first.locator("a")).to_have_attribute("href", SECTION)
    expect(first.locator("a")).to_have_text(re.compile("positional encoding > Rotary positions"))
    expect(first.locator(".context")).to_contain_text("RoPE")
    expect(page.locator(".search-summary")).to_contain_text(re.compile(r"found \d"))
    links = page.locator("#search-results a[href*=positional-encoding]")
    assert len(set(links.evaluate_all("all => all.map((one) => one.href)"))) == links.count() == 1
    assert (page.errors, page.foreign) == ([], [])


@pytest.mark.parametrize("where", ["index.html", "book/attention/multi-head.html", "search.html"])
def test_pages_are_found_while_one_types(visit, where):
    page = visit(where)
    page.keyboard.press("Control+k")  # opens the dialog, or leads to the field of the page
    field = page.locator("form.bd-search input:focus")
    field.press_sequentially("RoPE", delay=20)
    first = page.locator(".found-pages a:visible").first
    expect(first).to_have_attribute("href", SECTION)
    said = page.locator(".found-said", has_text=re.compile(r"^Pages found: \d"))
    expect(said).to_have_count(1)
    expect(field).to_have_value("RoPE")
    field.fill("qqqqq")
    expect(page.locator(".found-pages a")).to_have_count(0)
    field.fill("RoPE")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("positions/positional-encoding.html"))
    assert (page.errors, page.foreign) == ([], [])


def test_the_index_is_there_before_the_first_letter_and_not_before_somebody_searches(visit):
    page = visit("book/attention/multi-head.html")
    assert page.evaluate("typeof Search") == "undefined"
    with page.expect_response(re.compile("/searchindex.js$")):
        page.keyboard.press("Control+k")
    expect(page.locator(".found-pages a")).to_have_count(0)


@pytest.mark.parametrize("file", ["searchindex.js", "_static/searchtools.js"])
def test_a_letter_after_a_lost_connection_tries_again(visit, file):
    page = visit("book/attention/multi-head.html")
    page.route(f"**/{file}", lambda route: route.abort(), times=1)
    page.keyboard.press("Control+k")
    field, found = (
        page.locator("form.bd-search input:focus"),
        page.locator(".found-pages a:visible"),
    )
    for _ in range(50):  # until the failure is known, letters wait for what does not come
        field.fill("RoP")
        field.press("E")
        if found.count():
            break
        page.wait_for_timeout(100)
    expect(found.first).to_have_attribute("href", SECTION)
    expect(field).to_have_value("RoPE")
