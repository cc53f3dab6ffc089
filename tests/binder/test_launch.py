"""A learner launches a chapter: JupyterLab opens it as a notebook, and every cell of it runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
CHAPTER = "book/attention/scaled-dot-product.md"

CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"
SCROLL = "index => window.jupyterapp.shell.currentWidget.content.scrollToItem(index)"
FINISHED = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  // An error's text arrives before its cell's number.
  const failed = cells.some(cell =>
    cell.execution_count !== null && cell.outputs.some(output => output.output_type === 'error'));
  const idle = panel.sessionContext.session?.kernel?.status === 'idle';
  return idle && (failed || cells.every(cell => cell.execution_count !== null));
}"""


@pytest.fixture
def tab(chrome: Browser, lab: str) -> Iterator[Page]:
    """Return a tab that has asked no other host for anything when the test is over."""
    page = chrome.new_page(viewport={"width": 1440, "height": 1000})
    strangers = []
    page.on("request", lambda r: strangers.append(r.url) if not_ours(r.url, lab) else None)
    try:
        yield page
    finally:
        page.close()
    assert strangers == []


def not_ours(url: str, lab: str) -> bool:
    return url.startswith(("http:", "https:", "ws:", "wss:")) and not url.startswith(lab)


def open_and_run(page: Page, address: str) -> list[dict]:
    """Open a chapter, run all of its cells by the menu and return them as the notebook has them."""
    page.goto(address)
    opened = page.locator(".jp-Notebook, .jp-FileEditor, .jp-MarkdownViewer").first
    expect(opened).to_be_visible(timeout=40_000)
    expect(opened, "opens as a notebook, not as a text").to_contain_class("jp-Notebook")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel", timeout=20_000
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(FINISHED, timeout=60_000, polling=200)
    return page.evaluate(CELLS)


def problems(cells: list[dict]) -> list[str]:
    """Return a sentence for each code cell that did not run or that failed."""
    found = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        name = f"`{''.join(cell['source']).splitlines()[0]}`"
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        found += [f"{name} failed: {error['ename']}: {error['evalue']}" for error in errors]
        if cell["execution_count"] is None:
            found.append(f"{name} did not run")
    return found


def test_the_launch_button_leads_to_jupyterlab() -> None:
    """The addresses below are those of the buttons: JupyterLab's, relative to the repository."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert settings["launch_buttons"]["notebook_interface"] == "jupyterlab"
    assert settings["repository"].get("path_to_book", "") == ""


def test_a_launched_chapter_opens_as_a_notebook_and_runs(tab: Page, lab: str) -> None:
    cells = open_and_run(tab, f"{lab}/lab/tree/{CHAPTER}")
    assert sum(cell["cell_type"] == "code" for cell in cells) > 10
    assert problems(cells) == []

    # MyST's own syntax reads as prose, and the code that `show` displays is colored.
    tab.evaluate(SCROLL, 0)
    box = tab.locator(".jp-Notebook aside", has_text="What you need, and what you get")
    expect(box.first).to_be_visible()
    expect(tab.get_by_text("{term}").filter(visible=True)).to_have_count(0)
    shown = tab.locator("[data-mime-type='text/markdown'] code span", has_text="soft_lookup")
    expect(shown.first).to_be_visible()

    # A figure is on the screen, and not cut down to nothing, once one scrolls to it.
    tab.evaluate(SCROLL, next(i for i, cell in enumerate(cells) if has_figure(cell)))
    figure = tab.locator(".jp-OutputArea-output svg[role=img]").first
    expect(figure).to_be_visible()
    assert figure.bounding_box()["width"] > 100


def test_launched_exercises_run_and_tell_what_is_to_be_written(tab: Page, lab: str) -> None:
    cells = open_and_run(tab, f"{lab}/lab/workspaces/exercises/tree/exercises/attention.md")
    assert problems(cells) == []
    said = ["".join(output["text"]) for cell in cells for output in cell.get("outputs", [])]
    assert "– attention.1 is not written yet.\n" in said
    # What an instructor collects keeps what tells its cells apart.
    assert "attention-1-check" in [
        cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells
    ]


def test_the_labs_views_draw_without_a_network(tab: Page, lab: str) -> None:
    """bertviz's libraries come with the output: `tab` notes each request to another host."""
    name = "book/lab/attention-under-the-hood.md"
    cells = open_and_run(tab, f"{lab}/lab/workspaces/under-the-hood/tree/{name}")
    assert problems(cells) == []
    tab.evaluate(SCROLL, next(i for i, cell in enumerate(cells) if has_view(cell)))
    frame = tab.locator(".jp-OutputArea-output iframe.bertviz-view").first
    expect(frame).to_be_visible()
    inside = frame.content_frame
    expect(inside.locator("#attention line").first).to_be_attached()
    lines = inside.locator("#attention line")
    inside.locator("#left text").nth(3).hover()
    hidden = "all => all.filter(e => getComputedStyle(e).visibility === 'hidden').length"
    assert 0 < lines.evaluate_all(hidden) < lines.count()


def has_view(cell: dict) -> bool:
    pages = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return any("bertviz-view" in "".join(page) for page in pages)


def has_figure(cell: dict) -> bool:
    pages = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return any("<svg" in "".join(page) for page in pages)


def test_a_cell_that_fails_is_reported(tab: Page, lab: str) -> None:
    """The check above can fail: a workspace of its own keeps the two tests apart."""
    cells = open_and_run(tab, f"{lab}/lab/workspaces/broken/tree/book/attention/broken.md")
    assert problems(cells) == [
        '`raise ValueError("planted")` failed: ValueError: planted',
        "`2 + 2` did not run",
    ]
