"""Lines that a reader can set begin with one setting, and hand the page all others."""

import math

import pytest

from lessons.plots import lines, lines_by_setting

X = [1, 2, 4]
AXES = {"x_label": "n", "y_label": "bytes"}
SETTINGS = {
    (kind, width): {"kept": [i * w * n for n in X], "moved": [n**i for n in X]}
    for i, kind in enumerate(("short", "long"), start=1)
    for width, w in (("64", 64), ("128", 128))
}
OPTIONS = {"sliders": ["text", "width"], "first": ("long", "64"), **AXES}


def test_it_stands_still_as_the_lines_of_its_first_setting():
    figure = lines_by_setting(X, SETTINGS, log_x=True, **OPTIONS)
    still = lines(X, SETTINGS["long", "64"], log_x=True, **AXES)
    assert figure.svg == still.svg
    assert figure.alt == f"{still.alt} Here text is long, width is 64."


def test_the_page_gets_every_setting_where_its_sliders_look_for_it():
    notes = {("short", "128"): "Short."}
    script, data = lines_by_setting(X, SETTINGS, notes=notes, at=2, **OPTIONS).live
    assert script == "line-settings"
    assert [one["values"] for one in data["sliders"]] == [["short", "long"], ["64", "128"]]
    assert (data["first"], data["at"], data["x"]) == ([1, 0], 2, X)
    for i, kind in enumerate(("short", "long")):
        for j, width in enumerate(("64", "128")):
            assert data["settings"][2 * i + j] == SETTINGS[kind, width]
    assert data["notes"] == [None, "Short.", None, None]
    assert data["range"] == [1, 2 * 128 * 4]


def test_numbers_have_four_digits_and_what_cannot_be_drawn_is_left_out():
    only = {("a",): {"y": [math.pi * 1e9, math.nan, -1.0]}}
    options = {"sliders": ["s"], "first": ("a",), **AXES}
    assert lines_by_setting(X, only, **options).live[1]["settings"][0]["y"] == [3.142e9, None, -1.0]
    only = {("a",): {"y": [math.pi * 1e9, 0.0, 5.0]}}
    data = lines_by_setting(X, only, log_y=True, **options).live[1]
    assert data["settings"][0]["y"] == [3.142e9, None, 5.0]
    assert data["range"] == [5.0, math.pi * 1e9]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"settings": dict(list(SETTINGS.items())[1:])}, "do not fill 2 sliders: pass every"),
        ({"sliders": ["text"]}, "do not fill 1 sliders: pass every"),
        ({"first": ("long", "65")}, "is unknown: begin with a setting"),
        ({"at": 3}, "is unknown: begin with a setting"),
        ({"settings": SETTINGS | {("long", "64"): {"kept": X}}}, "the series differ: pass"),
        (
            {"settings": SETTINGS | {("long", "128"): {"kept": X, "moved": [1]}}},
            "longer or shorter than x: pass a number",
        ),
        (
            {"settings": {("a",): {"y": [math.nan] * 3}}, "sliders": ["s"], "first": ("a",)},
            "nothing to draw: pass some finite",
        ),
    ],
)
def test_bad_input(changed, said):
    options = {"x": X, "settings": SETTINGS, **OPTIONS, **changed}
    with pytest.raises(ValueError, match=said):
        lines_by_setting(options.pop("x"), options.pop("settings"), **options)
