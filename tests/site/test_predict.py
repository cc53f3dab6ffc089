"""In the lab an answer waits for the reader's prediction, and for nobody who cannot give one."""

import pytest
from playwright.sync_api import expect

LAB = "book/lab/attention-under-the-hood.html"
STEPS = ("lab-one-head", "lab-all-heads", "lab-causal", "lab-future")


def section(page, step: str):
    return page.locator(f"section:has(> #{step})").last


def answers(page, step: str):
    return section(page, step).locator(".tag_predict > .cell_output")


@pytest.mark.parametrize("view", ["light", "phone"])
@pytest.mark.parametrize("step", STEPS)
def test_a_steps_answers_wait_for_a_prediction(visit, view, step):
    page = visit(LAB, view)
    covered = answers(page, step)
    assert covered.count() >= 2
    for answer in covered.all():
        expect(answer).to_be_hidden()
    field = section(page, step).locator(".live-predict input")
    field.press("Enter")  # nothing is said yet
    expect(covered.first).to_be_hidden()
    field.fill("<b>the suitcase</b>")
    field.press("Enter")
    for answer in covered.all():
        expect(answer).to_be_visible()
    live = section(page, step).locator(".tag_predict [data-live]")
    for figure in live.all():  # what was covered had not started
        figure.scroll_into_view_if_needed()
        expect(figure.get_by_role("button", name="Reset")).to_be_attached()
    told = section(page, step).get_by_text("You predicted: <b>the suitcase</b>. Compare it")
    expect(told).to_be_visible()
    expect(section(page, step).locator(".live-predict")).to_have_count(0)
    other = STEPS[STEPS.index(step) - 1]
    expect(answers(page, other).first).to_be_hidden()
    assert (page.errors, page.foreign) == ([], [])


def test_without_scripts_and_on_paper_all_is_there(visit):
    still = visit(LAB, java_script_enabled=False)
    paper = visit(LAB)
    paper.emulate_media(media="print")
    for page in (still, paper):
        for answer in answers(page, STEPS[0]).all():
            expect(answer).to_be_visible()
        expect(page.locator(".live-predict:visible")).to_have_count(0)


def test_a_link_to_an_answer_shows_it(visit):
    page = visit(f"{LAB}#fig-lab-triangle")
    expect(page.locator("#fig-lab-triangle")).to_be_visible()
    expect(answers(page, "lab-one-head").first).to_be_hidden()
