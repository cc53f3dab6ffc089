"""What a student gets back: points and reasons, of nobody else, and nothing that a browser runs."""

import json
from html.parser import HTMLParser

import pytest

from classroom.course.feedback import POLICY, WAITING, feedback
from classroom.course.folder import CourseError, write_atomically
from classroom.course.grade import grade_topic
from classroom.course.harmless import harmless_markdown
from classroom.course.marked import mark
from classroom.course.results import Results
from support import classroom as grader
from support.classroom import MISTAKE, handed_in, inline

EVIL = """**bold** <script>alert(1)</script> <img src=x onerror=alert(2)>
[a](javascript:alert(3)) [b][c] ![](http://tracker.example/x.png) <https://x.example>

[c]: java&#115;cript\\:alert(4)

<iframe src=http://x.example></iframe> `a < b`
$\\href{javascript:alert(5)}{x}$ &#92;href{javascript:alert(6)}{y}
"""
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


class Tags(HTMLParser):
    """Collects what a browser could run, load or follow."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name.startswith("on") or name in ("href", "src", "srcdoc", "action"):
                self.found.append((tag, name, value or ""))


def harmful(page):
    return [
        one
        for one in Tags(page).found
        if not one[2].startswith(("#", "data:image/")) and one[0] not in ("script", "a", "link")
    ] + [one for one in Tags(page).found if "javascript:" in one[2]]


@pytest.fixture
def returned(course):
    path = course.notebook("release", "tiny")
    changes = {"tiny-2": "WRONG # </pre><script>alert(7)</script>", "tiny-3": EVIL}
    write_atomically(course.notebook("submitted", "tiny", "ann"), handed_in(path, changes))
    write_atomically(course.notebook("submitted", "tiny", "bob"), handed_in(path))
    grade_topic(course, "tiny", inline, grader=grader)
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("tiny-3", "tiny", "tiny", "ann")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        comment = gradebook.find_comment("tiny-3", "tiny", "tiny", "ann")
        comment.manual_comment = "Say which exponential."
        gradebook.db.commit()
    feedback(course, "tiny")
    return course.notebook("feedback", "tiny", "ann").with_suffix(".html").read_text()


def test_page_has_points_reasons_and_comments_and_nothing_hidden(course, returned):
    for said in ("Score: 6.5 / 9.0", "0 of 2 points", MISTAKE, "Say which exponential."):
        assert said in returned, said
    for hidden in ("bob", "HIDDEN TESTS", "graded(", "large_scores", "weighted_sum"):
        assert hidden not in returned, hidden


def test_answer_that_waits_for_a_person_says_so(course, returned):
    waiting = course.notebook("feedback", "tiny", "bob").with_suffix(".html").read_text()
    assert waiting.count(WAITING) == 1 and WAITING not in returned


def test_page_runs_nothing_of_a_student(course, returned):
    assert POLICY in returned and returned.index(POLICY) < returned.index("<title")
    assert harmful(returned) == []
    assert "<script>alert" not in returned
    assert "<strong>bold</strong>" in returned  # an answer stays readable


def test_marked_notebook_for_the_formgrader_holds_no_markup_of_a_student(course, returned):
    cells = json.loads(course.notebook("autograded", "tiny", "ann").read_text())["cells"]
    [answer] = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "tiny-3"]
    from nbconvert.filters import markdown2html

    html = markdown2html("".join(answer["source"]))
    assert harmful(html) == []
    assert "\\href{" not in html and "&#92;" not in html
    assert harmful(markdown2html(EVIL))  # the same test finds what was not made harmless


def test_pictures_of_an_answer_reach_its_reader(course, returned):
    report = Results(course, "tiny").load("ann")
    report["tasks"]["tiny.3"]["pictures"] = [{"image/png": PIXEL}]
    mark(course, "tiny", "ann", report)
    feedback(course, "tiny")
    page = course.notebook("feedback", "tiny", "ann").with_suffix(".html").read_text()
    assert f"data:image/png;base64,{PIXEL}" in page and harmful(page) == []


def test_markdown_reads_the_same():
    assert harmless_markdown(EVIL).replace("\u200b", "") == EVIL


def test_a_page_that_cannot_be_made_costs_nobody_else_theirs(course, returned):
    course.notebook("autograded", "tiny", "ann").write_text("{}")
    pages, broken = feedback(course, "tiny")
    assert [page.parents[1].name for page in pages] == ["bob"]
    assert broken.keys() == {"ann"} and "Error" in broken["ann"]


def test_nothing_graded(course):
    with pytest.raises(CourseError, match="classroom grade tiny"):
        feedback(course, "tiny")
