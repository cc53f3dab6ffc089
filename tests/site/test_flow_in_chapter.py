"""The sentence on its way through the models, where it stands in the book."""

import pytest

from support.visit import come_to

CHAPTER = "book/families/overview.html"


@pytest.mark.parametrize("view", ["light", "phone"])
def test_in_the_chapter_code_leads_to_its_page(visit, view):
    page = visit(CHAPTER, view)
    figure = come_to(page, '[data-live="flow"]')
    figure.locator("select").select_option("translator")
    slider = figure.locator(".live-slider input").first
    seen = set()
    for _ in range(int(slider.get_attribute("max"))):
        slider.press("ArrowRight")
        seen |= {link.get_attribute("href") for link in figure.locator(".flow-code a").all()}
    assert len(seen) > 8
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    for address in seen if view == "light" else ():
        name = address.partition("#")[2]
        answer = page.request.get(address)
        assert answer.ok and f'id="{name}"' in answer.text()
    assert (page.errors, page.foreign) == ([], [])
