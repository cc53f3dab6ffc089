"""An assert that no break makes fail is found, and a proof leaves no trace."""

import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bookbuild.breaks import survivors, with_proofs, without_proofs

CELL = """\
rate = share([1, 1, 0])
assert rate > 0.5
for one in rates:
    assert one < 1
"""
NAMES = {"rate": 2 / 3, "rates": [0.5]}


@pytest.mark.parametrize(
    ("breaks", "problems"),
    [
        (["rate = 0.1", "rates = [2]"], []),
        (["rate, rates = 0.1, [2]"], []),
        (["rate = 0.1"], ["no break makes this fail: for one in rates:\n    assert one < 1"]),
        ([], ["no break makes this fail: assert rate", "no break makes this fail: for one"]),
        (["rate = unknown", "rate, rates = 0, [1]"], ["the break `rate = unknown` fails itself"]),
        (["rate = 'text'", "rates = [2]"], ["no break makes this fail: assert rate > 0.5"]),
    ],
)
def test_each_assert_needs_a_break_that_it_fails_on(breaks, problems):
    found = survivors(CELL, breaks, NAMES)
    assert len(found) == len(problems)
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True))


def test_an_assert_that_cannot_fail_is_found():
    assert survivors("x = 3\nassert x == x", ["x = 4"], {"x": 3}) != []


def test_a_break_that_changes_a_container_leaves_it_whole_for_the_next():
    names = {"rates": {"one": 1, "two": 2}}
    cell = "assert rates['one'] == 1\nassert rates['two'] == 2"
    assert survivors(cell, ["rates['one'] = 2", "rates['two'] = rates['one']"], names) == []
    assert names == {"rates": {"one": 1, "two": 2}}


def test_a_cell_without_an_assert_needs_no_break():
    assert survivors("x = 3", ["x = 4"], {}) == ["the cell has breaks and no assert"]


def test_a_proof_prints_nothing_and_leaves_names_and_chance_as_they_are(capsys):
    torch.manual_seed(0)
    state, names = torch.get_rng_state(), {"x": 3}
    assert (
        survivors("assert x == 3", ["print('hello'); x = torch.rand(1)"], names | {"torch": torch})
        == []
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert names == {"x": 3}
    assert capsys.readouterr().out == ""


def test_hidden_cells_come_and_go_without_a_trace():
    cells = [new_code_cell("x = 3", metadata={"breaks": ["x = 4"]}), new_code_cell("x")]
    notebook = with_proofs(new_notebook(cells=cells))
    assert len(notebook.cells) == 3
    for count, cell in enumerate(notebook.cells, start=1):
        cell.execution_count = count
    result = new_output("execute_result", data={"text/plain": "3"}, execution_count=3)
    notebook.cells[2].outputs = [result]
    cells = without_proofs(notebook)
    assert [cell.source for cell in cells] == ["x = 3", "x"]
    assert [cell.execution_count for cell in cells] == [1, 2]
    assert cells[1].outputs[0].execution_count == 2
