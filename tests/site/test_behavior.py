"""What a reader does: searching, switching the theme, touching the figure, opening Binder."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from support.visit import come_to, watch

CHAPTER = "book/attention/scaled-dot-product.html"
FIGURE = '[data-live="soft-lookup"]'
TOKENS_CHAPTER = "book/tokens/tokenization.html"
TOKENS_FIGURE = '[data-live="byte-pair"]'
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_theme_switch_changes_the_colors_and_is_remembered(visit):
    page = visit("index.html")
    light = page.evaluate(BACKGROUND)
    switch = page.locator(".theme-switch-button:visible").first
    for _ in range(3):  # light, dark, as the system says
        switch.click()
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    dark = page.evaluate(BACKGROUND)
    assert dark != light
    page.reload()
    assert page.evaluate(BACKGROUND) == dark
    assert page.errors == []


def test_first_visit_follows_the_system(chrome, origin):
    context = chrome.new_context(color_scheme="dark")  # nothing stored
    page = context.new_page()
    _, errors = watch(page, origin)
    page.goto(f"{origin}/index.html")
    theme = page.evaluate("document.documentElement.dataset.theme")
    context.close()
    assert (theme, errors) == ("dark", [])


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_theme_stands_before_the_script_comes(chrome, origin, scheme):
    """Chosen later, it would change how each element of a page that is shown looks."""
    context = chrome.new_context(color_scheme=scheme)  # nothing stored
    page = context.new_page()
    page.route("**/book.js", lambda route: route.abort())
    page.goto(f"{origin}/index.html")
    theme = page.evaluate("document.documentElement.dataset.theme")
    context.close()
    assert theme == scheme


def test_search_finds_a_word_and_its_result_opens(visit):
    page = visit("index.html")
    page.locator(".search-button__button:visible").first.click()
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    results.first.wait_for()
    assert results.count() >= 2
    expect(page.locator("#search-results")).to_contain_text("found")
    results.first.click()
    expect(page.locator("main h1").last).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("softmax", re.IGNORECASE))
    assert (page.errors, page.foreign) == ([], [])


def test_search_says_when_it_finds_nothing(visit):
    page = visit("search.html?q=xylophone")
    expect(page.locator("#search-results")).to_contain_text("did not match")


def _weights(figure) -> list[float]:
    told = figure.locator(".live-controls .live-told").inner_text()
    return [float(number) for number in re.findall(r"\d\.\d\d", told)]


def test_live_figure_answers_the_keyboard(visit):
    page = visit(CHAPTER)
    figure = come_to(page, FIGURE)
    before = _weights(figure)
    direction, length = figure.locator("input[type=range]").all()
    for slider in (direction, length):
        slider.focus()
        for _ in range(30):
            page.keyboard.press("ArrowLeft" if slider is length else "ArrowRight")
        after = _weights(figure)
        assert after != before, "the slider changes no weight"
        assert sum(after) == pytest.approx(1, abs=0.02)  # each is shown with two digits
        before = after
    expect(figure.locator("svg[role=img]")).to_have_attribute(
        "aria-label", re.compile(f"{before[0]:.2f}")
    )
    assert page.errors == []


@pytest.mark.parametrize("view", ["light", "phone"])
def test_live_figure_answers_a_drag(visit, view):
    page = visit(CHAPTER, view)
    figure = come_to(page, FIGURE)
    drawing = figure.locator("svg")
    drawing.scroll_into_view_if_needed()
    # After the page has been laid out anew for what its fonts need.
    page.evaluate("document.fonts.ready.then(() => null)")
    box = drawing.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    told = []
    for dx, dy in ((0, -60), (-50, 40), (50, 40)):  # toward each of the keys
        page.mouse.move(x + dx, y + dy, steps=3)
        told.append(_weights(figure))
    page.mouse.up()
    best = [weights.index(max(weights)) for weights in told]
    assert sorted(best) == [0, 1, 2], f"dragging toward each key shows {told}"
    assert all(sum(weights) == pytest.approx(1, abs=0.02) for weights in told)
    page.mouse.move(x, y)
    assert _weights(figure) == told[-1], "the figure follows a pointer that does not press"


def test_without_scripts_the_figure_stands_still(visit):
    page = visit(CHAPTER, java_script_enabled=False)
    figure = page.locator(FIGURE)
    drawing = figure.locator("svg[role=img]")
    expect(drawing).to_be_visible()
    assert drawing.bounding_box()["width"] > 200
    assert re.search(r"key 1 \d\.\d\d", drawing.get_attribute("aria-label"))
    assert figure.locator("input").count() == 0


def test_live_figure_begins_as_the_still_one(visit):
    still = visit(CHAPTER, java_script_enabled=False)
    live = come_to(visit(CHAPTER), FIGURE)
    alt = still.locator(f"{FIGURE} svg").get_attribute("aria-label")
    live_alt = live.locator("svg").get_attribute("aria-label")
    assert re.findall(r"\d\.\d\d", alt) == re.findall(r"\d\.\d\d", live_alt)


def _tokens(figure) -> list[tuple[str, str]]:
    """Return the tokens that a text is cut into, each with its id, as they are shown."""
    items = figure.locator(".live-tokens li").all()
    return [tuple(item.locator("span").all_inner_texts()) for item in items]


@pytest.mark.parametrize("view", ["light", "phone"])
def test_typed_text_is_cut_into_tokens(visit, view):
    page = visit(TOKENS_CHAPTER, view)
    figure = come_to(page, TOKENS_FIGURE)
    field = figure.get_by_label("A text of your own")
    field.focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("The the é")
    shown = [("The", "305"), ("·the", "261"), ("·", "220")]
    assert _tokens(figure)[:3] == shown
    assert [token for token, _ in _tokens(figure)[3:]] == ["<C3>", "<A9>"]
    expect(figure.locator(".live-text .live-told")).to_have_text("5 tokens for 10 bytes.")
    field.fill("")
    assert _tokens(figure) == []
    field.fill("a" * 5000)
    assert len(_tokens(figure)) > 0
    field.fill("<script>throw 1</script>")
    assert page.errors == []


def test_live_tokens_begin_as_the_still_ones(visit):
    still = visit(TOKENS_CHAPTER, java_script_enabled=False)
    drawing = still.locator(f"{TOKENS_FIGURE} svg[role=img]")
    expect(drawing).to_be_visible()
    assert still.locator(f"{TOKENS_FIGURE} textarea").count() == 0
    told = drawing.get_attribute("aria-label").split(": ", 1)[1].removesuffix(".")
    live = _tokens(come_to(visit(TOKENS_CHAPTER), TOKENS_FIGURE))
    assert told == ", ".join(f"{token} {number}" for token, number in live)


def test_code_can_be_copied(visit, origin):
    page = visit(CHAPTER, permissions=["clipboard-read", "clipboard-write"])
    cells = page.locator("div.cell div.cell_input div.highlight")
    assert cells.count() > 0
    assert page.locator("div.cell div.cell_input .copybtn").count() == cells.count()
    cell = cells.first
    cell.hover()
    cell.locator(".copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").inner_text().strip()


def test_binder_is_reached_on_click_only(visit):
    page = visit(CHAPTER)
    asked = []
    page.context.on("request", lambda r: asked.append(r.url) if "mybinder" in r.url else None)
    page.locator(".dropdown-launch-buttons > button").click()
    link = page.locator('a[href*="mybinder.org"]')
    expect(link).to_be_visible()
    link.hover()
    assert (asked, page.foreign) == ([], [])
    with page.context.expect_page():
        link.click()
    (address,) = set(asked)
    source = CHAPTER.replace(".html", ".md")
    assert unquote(address).startswith("https://mybinder.org/v2/")
    assert unquote(address).endswith(source)


def test_sidebar_of_a_phone_opens_at_the_page_and_closes(visit):
    page = visit(CHAPTER, "phone")
    listed = page.locator(".bd-sidebar-primary nav a")
    current = page.locator(".bd-sidebar-primary nav a.current")
    assert listed.evaluate_all("all => all.filter(e => e.getClientRects().length).length") == 0
    page.locator("button.primary-toggle").click()
    expect(current).to_be_in_viewport()
    expect(current).to_be_focused()
    page.keyboard.press("Shift+Tab")  # and from there it is a list like others
    expect(current).not_to_be_focused()
    expect(page.locator(".bd-sidebar-primary :focus")).to_be_visible()
    page.mouse.click(380, 500)  # beside it
    expect(current).not_to_be_in_viewport()
    page.locator("button.primary-toggle").click()
    expect(current).to_be_focused()
    page.locator(".bd-sidebar-primary nav a", has_text="Glossary").click()
    expect(page.locator("main h1").last).to_contain_text("Glossary")


def test_wide_content_scrolls_by_keyboard(visit):
    page = visit(CHAPTER, "phone", bypass_csp=True)  # for what Playwright waits with
    wide = [
        region
        for region in page.locator("main [role=region][tabindex='0']").all()
        if region.evaluate("e => e.scrollWidth > e.clientWidth + 10")
    ]
    assert wide, "nothing on the page is wider than a phone"
    for region in wide[:3]:
        region.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=region.element_handle())


def test_on_a_phone_code_breaks_and_a_shadow_tells_what_scrolls(visit):
    page = visit(CHAPTER, "phone")
    wide = "all.filter(e => e.scrollWidth > e.clientWidth + 1)"
    code = page.locator(".cell_input pre")
    assert code.count() > 5
    assert code.evaluate_all(f"all => {wide}.length") == 0
    shadows = page.locator(".cell_output pre, .table-box").evaluate_all(
        f"all => {wide}.map(e => getComputedStyle(e).backgroundImage)"
    )
    assert shadows, "nothing on the page is wider than a phone"
    assert all(shadow.count("linear-gradient") == 4 for shadow in shadows)
    button = page.locator(".cell_input .copybtn").first
    assert button.evaluate("e => getComputedStyle(e).opacity") == "1"
    # The first line of the code ends before the button.
    assert button.evaluate("""button => {
      const words = document.createRange();
      words.selectNodeContents(button.parentElement.querySelector('pre'));
      const first = words.getClientRects()[0], box = button.getBoundingClientRect();
      return first.top > box.bottom || first.right <= box.left;
    }""")


def test_on_a_tablet_code_breaks_as_on_a_phone(visit):
    page = visit(CHAPTER)
    page.set_viewport_size({"width": 768, "height": 1024})
    code = page.locator(".cell_input pre")
    assert code.count() > 5
    assert code.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).length") == 0


def test_on_a_phone_a_table_of_words_is_cards_and_stays_a_table(visit):
    page = visit("book/alignment/deepseek.html", "phone")
    table = page.locator("table.cards").first
    box = table.locator("xpath=..")
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth")
    row = page.get_by_role("table").first.get_by_role("row").nth(1)
    cells = row.get_by_role("cell")
    heads = page.get_by_role("table").first.get_by_role("columnheader")
    assert cells.count() == heads.count() >= 3
    tops = cells.evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
    assert tops == sorted({*tops})  # one below the other
    label = "e => getComputedStyle(e, '::before').content"
    assert heads.nth(1).text_content() in cells.nth(1).evaluate(label)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert cells.nth(1).evaluate(label) == "none"


def test_the_letter_of_an_answer_stands_on_one_line(visit):
    page = visit("book/attention/multi-head.html", "phone")
    page.locator('.question[data-kind="choice"]').first.scroll_into_view_if_needed()
    letters = page.locator(".question-answers .live-check > span:first-of-type")
    expect(letters.first).to_have_text("A.")
    heights = letters.evaluate_all("all => all.map(e => e.getClientRects()[0].height)")
    assert max(heights) < 30


def test_skip_link_leads_to_the_text(visit):
    page = visit(CHAPTER)
    page.keyboard.press("Tab")
    expect(page.locator("#pst-skip-link a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/*#main-content")


ROTARY_CHAPTER = "book/positions/positional-encoding.html"
ROTARY = '[data-live="rotate"]'


def _rotary(figure) -> tuple[int, int, int, float]:
    """Return what the rotary figure tells: two positions, their offset, and the score."""
    told = figure.locator(".live-controls .live-told").inner_text()
    numbers = re.search(
        r"at (\d+), key at (\d+), offset (-?\d+): score (-?\d\.\d\d)", told
    ).groups()
    return *map(int, numbers[:3]), float(numbers[3])


def test_rotary_figure_scores_by_the_offset_alone(visit):
    page = visit(ROTARY_CHAPTER)
    figure = come_to(page, ROTARY)
    query, _, both = figure.locator("input[type=range]").all()
    before = _rotary(figure)
    query.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    apart = _rotary(figure)
    assert (apart[0] - before[0], apart[2] - before[2]) == (3, -3)
    assert apart[3] != before[3], "another offset has the same score"
    both.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    together = _rotary(figure)
    assert (together[0] - apart[0], together[1] - apart[1]) == (9, 9)
    assert together[2:] == apart[2:], "the score changes although the offset does not"
    page.keyboard.press("End")  # the query's position ends at 40; both stop there
    assert (max(_rotary(figure)[:2]), *_rotary(figure)[2:]) == (40, *apart[2:])
    expect(figure.locator("svg[role=img]")).to_have_attribute(
        "aria-label", re.compile(f"score {apart[3]:.2f}")
    )
    assert page.errors == []


def test_rotary_figure_begins_as_the_still_one(visit):
    still = visit(ROTARY_CHAPTER, java_script_enabled=False)
    live = visit(ROTARY_CHAPTER)
    alt = still.locator(f"{ROTARY} svg").get_attribute("aria-label")
    assert alt == live.locator(f"{ROTARY} svg").get_attribute("aria-label")
    assert still.locator(f"{ROTARY} input").count() == 0
