"""A page's policy lets its own scripts run, and no other."""

import re

import pytest

from bookbuild import policy

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8" /><title>x</title>
<script>document.title = 'ran'</script></head><body>
<button onclick="document.title = 'said &amp; done'">a</button>{}
</body></html>"""


def test_scripts_of_a_page_and_its_buttons_are_named():
    assert list(policy.scripts(PAGE)) == [
        "document.title = 'ran'",
        "document.title = 'said & done'",
    ]
    assert "'unsafe-inline'; img-src" in policy.policy("<p>")
    assert "unsafe-hashes" not in policy.policy("<p>")
    with pytest.raises(ValueError, match="no <meta charset>"):
        policy.with_policy("<p>")


@pytest.fixture
def opened(chrome, tmp_path):
    """Open a page that has the policy of the page above, and perhaps more in it."""
    contexts = []

    def open_page(more: str = ""):
        own = policy.with_policy(PAGE.format(""))
        file = tmp_path / "page.html"
        file.write_text(own.replace("a</button>", f"a</button>{more}"), "utf-8")
        context = chrome.new_context()
        contexts.append(context)
        page = context.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_own_scripts_run(opened):
    page = opened()
    assert page.title() == "ran"
    page.locator("button").click()
    assert page.title() == "said & done"
    assert page.told == []


@pytest.mark.parametrize(
    "more",
    [
        "<script>document.title = 'theirs'</script>",
        "<img src='data:,' onerror=\"document.title = 'theirs'\">",
        "<script src=\"data:text/javascript,document.title = 'theirs'\"></script>",
    ],
)
def test_scripts_of_others_do_not_run(opened, more):
    page = opened(more)
    page.wait_for_timeout(100)
    assert page.title() == "ran"
    assert "Content Security Policy" in " ".join(page.told)


def test_each_page_has_the_policy_of_what_stands_in_it(pages):
    found = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
    for path, page in pages.items():
        told = found.findall(page.text)
        assert told == [policy.policy(page.text)], path
        before = page.text[: found.search(page.text).start()]
        assert "<script" not in before and "<link" not in before, path
