"""A claim without a control, or with one that could refute nothing, stops the build."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bookbuild.claims import claims_of

PROSE = "Before. [Position, not *distance*, decides.]{.claim #claim-far} After."
CONTROL = {
    "of": "claim-far",
    "varies": "distance alone",
    "could": "The same fall at early positions.",
    "model": "the book's decoder",
}


def chapter(prose=PROSE, controls=(CONTROL,), code="print(1)\nassert one"):
    cells = [new_markdown_cell(prose)]
    for control in controls:
        cell = new_code_cell(code, metadata={"control": control})
        cell.outputs = [new_output("stream", text="distance 0.9\nposition 0.1\n")]
        cells.append(cell)
    return new_notebook(cells=cells)


def test_a_claim_comes_with_its_control_and_what_that_showed():
    [claim] = claims_of(chapter())
    assert claim.name == "claim-far"
    assert claim.sentence == "Position, not *distance*, decides."
    assert claim.control["varies"] == "distance alone"
    assert claim.shown == "distance 0.9\nposition 0.1"


@pytest.mark.parametrize(
    ("prose", "around"),
    [
        (PROSE, "Before. Position, not *distance*, decides."),
        (
            "## Far\n\nOne. It has 3.5 layers. But [it fails]{.claim #claim-far}, then. [X](y).",
            "It has 3.5 layers. But it fails, then.",
        ),
        ("## Far\n\nOther.\n\n[It fails.]{.claim #claim-far} After.", ""),
        (
            "## Far\n\n:::{tip} Seen\n:class: x\nSee [that](a.md). [It fails]{.claim #claim-far}:",
            "See that. It fails:",
        ),
        (
            "## Far\n\n- One. Two.\n- Three: [it fails]{.claim #claim-far}.\n- Four.",
            "Three: it fails.",
        ),
        ("## Far\n\n| a | [it fails]{.claim #claim-far} |", ""),
        (
            "## Far\n\n{term}`Two <one>` or {term}`all`. [It fails.]{.claim #claim-far}",
            "Two or all. It fails.",
        ),
    ],
)
def test_a_claim_comes_with_what_it_is_said_in(prose, around):
    [claim] = claims_of(chapter(prose))
    assert claim.around == ("Far" if "##" in prose else "", around)


@pytest.mark.parametrize(
    ("notebook", "sentence"),
    [
        (chapter(controls=[]), "claim-far has no control"),
        (chapter(prose="Nothing."), "the control of claim-far, and no sentence is marked so"),
        (chapter(controls=[CONTROL, CONTROL]), "claim-far has two controls"),
        (chapter(controls=[CONTROL | {"could": ""}]), "the control of claim-far lacks could"),
        (chapter(code="print(1)"), "the control of claim-far has no assert"),
    ],
)
def test_what_is_wrong_with_a_claim_is_said(notebook, sentence):
    with pytest.raises(ValueError, match=sentence):
        list(claims_of(notebook))
