"""A link shows what it leads to, to who points at it or tabs to it, and leaves no trace."""

import re

import pytest
from playwright.sync_api import expect

DPO = "book/alignment/dpo.html"
LINKS = {  # what shows a term, an equation, a source, a section of another page, a function
    "article a[href$='glossary.html#term-DPO']": "log-odds|preferred|reward",
    "article a.internal[href='#equation-eq-priced-reward']": "β",
    "article a.internal[href*='bibliography.html#'][title]": r"20\d\d",
    "article a.internal[href$='learning.html#the-loop']": "loop",
}


def card(page):
    return page.locator("#link-card")


@pytest.mark.parametrize("link", LINKS)
def test_a_link_shows_what_it_leads_to(visit, link):
    page = visit(DPO)
    place = page.locator(link).last
    place.scroll_into_view_if_needed()
    expect(card(page)).to_have_count(0)
    place.hover()
    expect(card(page)).to_be_visible()
    expect(card(page)).to_contain_text(re.compile(LINKS[link], re.IGNORECASE))
    assert place.get_attribute("aria-describedby") == "link-card"
    card(page).hover()  # it stays while the pointer is on it
    page.wait_for_timeout(500)
    expect(card(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    assert place.get_attribute("aria-describedby") is None
    assert (page.errors, page.foreign) == ([], [])


def test_by_keyboard_and_within_the_page(visit):
    page = visit(DPO)
    source = page.locator("article a.internal[title][href*='bibliography.html#']").first
    title = source.get_attribute("title")
    source.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(card(page)).to_have_text(title)
    assert source.get_attribute("title") == ""
    box = card(page).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    page.keyboard.press("Tab")
    expect(page.locator("#link-card", has_text=title)).to_have_count(0)
    assert source.get_attribute("title") == title


def test_a_card_has_no_identity_link_or_key_of_its_own(visit):
    page = visit(DPO)
    page.locator("article a.internal[href='#equation-eq-priced-reward']").last.hover()
    expect(card(page)).to_be_visible()
    identities = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert len(identities) == len(set(identities))
    expect(card(page).locator("a, [tabindex], [role]")).to_have_count(0)


def test_a_lost_page_shows_nothing_and_the_link_still_leads_on(visit):
    page = visit(DPO)
    page.route("**/glossary.html", lambda route: route.abort())
    link = page.locator("article a[href$='glossary.html#term-DPO']").first
    link.hover()
    page.wait_for_timeout(700)
    expect(card(page)).to_have_count(0)
    page.unroute("**/glossary.html")
    link.click()
    expect(page).to_have_url(re.compile("glossary.html#term-DPO$"))


def test_a_finger_follows_the_link(visit):
    page = visit(DPO, "phone")
    page.locator("article a[href$='glossary.html#term-DPO']").first.tap()
    expect(page).to_have_url(re.compile("glossary.html#term-DPO$"))
