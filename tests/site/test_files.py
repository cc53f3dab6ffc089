"""Every file of the site, without a browser."""

import re
from collections import Counter
from xml.etree import ElementTree

import pytest
import yaml

from support.checks import (
    broken_links,
    executable_sources,
    foreign_addresses,
    foreign_in_style,
    formulas_nobody_reads,
    launch_problems,
    machine_paths,
    missing_metadata,
    moved_to,
    repeated,
    typesetting_errors,
)


@pytest.fixture(scope="session")
def base(repository) -> str:
    settings = yaml.safe_load((repository / "_config.yml").read_text("utf-8"))
    return settings["html"]["baseurl"]


def _nothing(problems: list[str], where: str):
    __tracebackhide__ = True
    if problems:
        listed = "\n  ".join(problems)
        pytest.fail(f"{where}:\n  {listed}", pytrace=False)


def test_links_lead_somewhere(path, pages, base):
    _nothing(broken_links(pages[path], pages, base), path)


def test_metadata_is_complete(path, pages, base):
    _nothing(missing_metadata(pages[path], base), path)


def test_nothing_comes_from_another_host(path, pages):
    _nothing(foreign_addresses(pages[path]), path)


def test_no_id_is_there_twice(path, pages):
    ids = Counter(str(one["id"]) for one in pages[path].elements if one.has_attr("id"))
    _nothing([f"{name} {times} times" for name, times in ids.items() if times > 1], path)


def test_no_script_is_waited_for_before_a_page_is_shown(path, pages):
    scripts = [one for one in pages[path].by_name["script"] if one.has_attr("src")]
    waits = [one["src"] for one in scripts if not (one.has_attr("defer") or one.get("type"))]
    _nothing(waits, path)


def test_tabs_whose_script_is_dropped_are_nowhere(pages):
    """See `DROPPED` in `bookbuild.pages`."""
    assert [path for path, page in pages.items() if "sd-tab-set" in page.text] == []


TABLE_PARTS = ("table", "thead", "tbody", "tr", "th", "td")  # what they are needs no role


def test_elements_stand_where_html_allows_them(path, pages):
    """What the official checker found here once; `checks.yml` runs it on every page."""
    named = pages[path].by_name
    astray = [one for outer in named["pre"] for one in outer.find_all("div")]
    astray += [one for outer in named["summary"] for one in outer.find_all("p")]
    astray += [one for outer in named["mo"] for one in outer.find_all(True, recursive=False)]
    astray += [one for name in TABLE_PARTS for one in named[name] if one.has_attr("role")]
    _nothing(
        [
            f"<{one.name} role={one.get('role')}> in <{one.parent.name}>: {one.get_text()[:60]!r}"
            for one in astray
        ],
        path,
    )


def test_no_character_is_written_by_half(path, pages):
    _nothing(re.findall(r'.{0,40}&\w*\.\.\."', pages[path].text), path)


def test_no_template_of_a_theme_is_published(site):
    assert [file.name for file in (site / "_static").rglob("*.html")] == []


def test_formulas_are_typeset(path, pages):
    _nothing(typesetting_errors(pages[path]), path)


def test_old_addresses_lead_to_where_their_pages_moved(site, repository):
    settings = yaml.safe_load((repository / "_config.yml").read_text("utf-8"))
    moved = settings["sphinx"]["config"]["redirects"]
    assert moved
    for old in moved:
        target = moved_to(site / f"{old}.html")
        assert target is not None
        assert target.is_file()
        assert moved_to(target) is None
        # A browser asks for an icon that a page does not name, and complains if there is none.
        assert 'rel="icon"' in (site / f"{old}.html").read_text("utf-8")


def test_the_sitemap_lists_every_page_of_the_book(site, pages, base):
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text("utf-8"))
    generated = {"genindex.html", "py-modindex.html", "search.html"}
    of_the_book = {path for path in pages if not path.startswith("_") and path not in generated}
    assert sorted(listed) == sorted(base + path for path in of_the_book)
    assert f"Sitemap: {base}sitemap.xml" in (site / "robots.txt").read_text("utf-8")


def test_the_feed_leads_to_releases_and_each_page_to_the_feed(site, pages, base):
    feed = ElementTree.parse(site / "changes.atom").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{atom}title") == "Attention Under the Hood"
    places = [one.get("href") for one in feed.findall(f"{atom}entry/{atom}link")]
    changes = pages["book/reference/changes.html"]
    titles = [section["id"] for section in changes.soup.select("section section")]
    assert places == [f"{base}{changes.path}#{title}" for title in titles]
    for path, page in pages.items():
        there = (
            f'type="application/atom+xml" title="What has changed" href="{"../" * path.count("/")}'
        )
        assert f"{there}changes.atom" in page.text, path


def test_each_page_of_the_book_tells_how_it_is_cited(pages, base):
    aside = ("_modules/", "book/reference/api/", "exercises/", "solutions/")
    generated = {"genindex.html", "py-modindex.html", "search.html"}
    for path, page in pages.items():
        wanted = not path.startswith(aside) and path not in generated
        assert ('<details class="cite">' in page.text) == wanted, path
        assert (f"url = {{{base}{path}}}" in page.text) == wanted, path


@pytest.mark.parametrize("what", ["title", "description"])
def test_pages_can_be_told_apart(pages, what):
    _nothing(repeated(list(pages.values()), what), "the site")


def test_styles_ask_no_other_host(site):
    problems = [
        f"{sheet.relative_to(site)}: {problem}"
        for sheet in sorted(site.rglob("*.css"))
        for problem in foreign_in_style(sheet.read_text("utf-8"))
    ]
    _nothing(problems, "style sheets")


def test_no_path_of_the_building_machine(site, repository):
    problems = [
        f"{file.relative_to(site)}: {problem}"
        for kind in ("html", "js", "css", "ipynb")
        for file in sorted(site.rglob(f"*.{kind}"))
        for problem in machine_paths(file.read_text("utf-8"), repository)
    ]
    _nothing(problems, "the site")


def test_every_formula_is_read_once(site, pages):
    texts = {path: (site / path).read_text("utf-8") for path in pages}
    problems = [
        f"{path}: {problem}"
        for path, html in texts.items()
        for problem in formulas_nobody_reads(html)
    ]
    _nothing(problems, "mathematics")
    assert sum(html.count('class="katex-mathml"') for html in texts.values()) > 1000


def test_binder_buttons_open_chapters(pages, repository):
    sources = {
        source.removesuffix(".md") + ".html": source for source in executable_sources(repository)
    }
    assert sources, "no page of the book has a kernel in its front matter"
    problems = [
        f"{path}: {problem}"
        for path, page in pages.items()
        for problem in launch_problems(page, repository, sources.get(path))
    ]
    problems += [f"{path}: {sources[path]} was not built" for path in sources if path not in pages]
    _nothing(problems, "Binder")


def secrets(repository) -> set[str]:
    """Return the names of all checks and wrong answers, which no page may tell."""
    hidden = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
    sources = [file.read_text("utf-8") for file in sorted((repository / "solutions").glob("*.md"))]
    public = " ".join(hidden.sub("", source) for source in sources)
    regions = "\n".join(region for source in sources for region in hidden.findall(source))
    names = re.findall(r"^def (\w+_\w+_\w+)\(", regions, re.MULTILINE)
    return {name for name in names if name not in public} | {"HIDDEN TESTS"}


def told(site, words: set[str]) -> dict[str, list[str]]:
    """Return the words that the site's texts tell, also within longer ones, with their files."""
    where: dict[str, list[str]] = {}
    for kind in ("html", "js", "ipynb", "md", "txt"):
        for file in sorted(site.rglob(f"*.{kind}")):
            text = file.read_text("utf-8")
            phrases = {word for word in words if " " in word and word in text}
            for run in phrases | set(re.findall(r"\w{6,}", text)):
                where.setdefault(run, []).append(file.relative_to(site).as_posix())
    runs = "\n".join(where)
    told = [word for word in words if word in runs]
    return {
        word: sorted({file for run in where if word in run for file in where[run]}) for word in told
    }


def test_hidden_checks_and_wrong_answers_are_nowhere(site, repository):
    words = secrets(repository)
    assert len(words) > 10
    assert told(site, words) == {}


def test_a_name_that_is_shown_is_found(site, repository):
    """The search above can fail: a solution's function is on its pages."""
    files = told(site, {"scores_gradient"})["scores_gradient"]
    assert {"exercises/attention.html", "solutions/attention.html"} <= set(files)
