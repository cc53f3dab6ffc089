"""The page for lost addresses works wherever it is shown, as a host would show it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.visit import Handler, look, open_view, serve


class Host(Handler):
    """Publishes the site under `/book/`, and answers what it does not have with its page."""

    def translate_path(self, path):
        return super().translate_path(re.sub("^/book", "", path))

    def send_error(self, code, message=None, explain=None):
        content = Path(self.translate_path("/404.html")).read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def host(site):
    with serve(site, Host) as address:
        yield address


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("address", ["lost.html", "book/attention/lost/and/lost.html"])
def test_a_lost_address_leads_on(chrome, host, view, address):
    context = open_view(chrome, view)
    seen = look(context, host, f"book/{address}", view)
    lost = f"{host}/book/{address}"
    assert [error for error in seen.errors if lost not in error] == []
    assert (seen.foreign, seen.violations, seen.overflow) == ([], [], [])
    assert [1, "There is no such page"] in seen.headings
    page = context.new_page()
    page.goto(lost)
    field = page.get_by_label("Search the book")
    field.fill("RoPE")
    field.press("Enter")
    expect(page).to_have_url(f"{host}/book/search.html?q=RoPE")
    page.go_back()
    page.get_by_role("link", name="the first page").click()
    expect(page).to_have_url(f"{host}/book/index.html")
    context.close()
