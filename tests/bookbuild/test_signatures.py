"""Sphinx reads each signature, and so shows short names that link."""

import pytest
from sphinx.util.inspect import signature_from_str

from bookbuild.signatures import readable

PRINTED = {
    "(at: int, names: list[~a.b.Name] = <factory>)": "(at: int, names: list[~a.b.Name] = ...)",
    "(call: ~collections.abc.Callable = <function scaled_scores>)": (
        "(call: ~collections.abc.Callable = scaled_scores)"
    ),
    "(*, most: ~types.Annotated[int | None, ~annotated_types.Ge(ge=1)] = None, stop: str = 'a')": (
        "(*, most: int | None = None, stop: str = 'a')"
    ),
    "(x: ~typing.Annotated[int, ~annotated_types.Interval(ge=0, le=1)])": "(x: int)",
    "(x: int = 1)": "(x: int = 1)",
}


@pytest.mark.parametrize("printed", PRINTED)
def test_a_signature_is_shown_as_one_would_write_it(printed):
    assert readable(printed) == PRINTED[printed]


@pytest.mark.parametrize("printed", [one for one in PRINTED if "<" in one])
def test_sphinx_can_read_it_only_then(printed):
    with pytest.raises(SyntaxError):
        signature_from_str(printed)
    signature_from_str(readable(printed))
