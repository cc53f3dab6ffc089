"""A missing name is told by the cell that should have made it."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lab.guide import _tell, missing_name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("encoder, decoder = (load(name) for name in names)", "decoder"),
        ("import lab as detective", "detective"),
        ("READ = 'the trophy\nWORD = 'it'", "READ"),  # a slip: the quotation mark is missing
    ],
)
def test_the_cell_that_makes_a_name_is_named(source, name):
    told = missing_name(name, ["x = 1", source, "print(2)"])
    assert source.splitlines()[0] in told and "has failed" in told


def test_where_no_cell_made_it_the_first_one_is_named():
    assert "begin with the first cell" in missing_name("encoder", ["x = 1", "print(encoder)"])


def test_a_notebook_shows_one_sentence_for_each_missing_name(capsys):
    shell = InteractiveShell.instance()
    try:
        shell.set_custom_exc((NameError,), _tell)
        shell.run_cell("seen = 1 / 0", store_history=True)
        capsys.readouterr()
        result = shell.run_cell("seen.weights", store_history=True)
        told = capsys.readouterr()
        assert "the cell that makes it has failed: 'seen = 1 / 0'" in told.err
        assert "Traceback" not in told.out + told.err and not result.success
        shell.run_cell("def inner():\n    return absent\ninner()", store_history=True)
        assert "NameError" in capsys.readouterr().out  # a slip inside of a function is its own
    finally:
        InteractiveShell.clear_instance()
