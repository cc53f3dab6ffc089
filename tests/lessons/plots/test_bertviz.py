"""bertviz's views ask no other host, carry the weights they were given, and stay small."""

import json
import re

import pytest
import torch
from bs4 import BeautifulSoup

from lessons.plots import head_view, model_view

TOKENS = ["tom", "thanks", "ben"]
VIEWS = {"head": head_view, "model": model_view}


def weights(layers=2, heads=4, queries=3, keys=3) -> torch.Tensor:
    scores = torch.rand(layers, heads, queries, keys, generator=torch.Generator().manual_seed(0))
    return (4 * scores).softmax(-1)


def frame(view) -> BeautifulSoup:
    return BeautifulSoup(view._repr_html_(), "html.parser").find("iframe")


def parameters(view) -> dict:
    return json.loads(re.search(r"const params = (\{.*?\});", view.page)[1])


@pytest.mark.parametrize("show", VIEWS.values(), ids=VIEWS)
def test_nothing_comes_from_another_host(show):
    page = BeautifulSoup(frame(show(weights(), TOKENS, title="M"))["srcdoc"], "html.parser")
    scripts = page.select("script")
    assert [script.get("data-library") for script in scripts][:2] == [
        "d3.min.js",
        "jquery.slim.min.js",
    ]
    assert all(script.string and "src" not in script.attrs for script in scripts)
    own = "".join(script.string for script in scripts if "data-library" not in script.attrs)
    assert "requirejs([" in own and "http" not in own.replace("https://github.com", "")
    assert not page.select("link, img, [href]")


@pytest.mark.parametrize("show", VIEWS.values(), ids=VIEWS)
def test_the_weights_are_those_given_in_hundredths(show):
    given = weights(queries=2)
    [data] = parameters(show(given, TOKENS[:2], TOKENS, title="M"))["attention"]
    assert (torch.tensor(data["attn"]) - given).abs().max() <= 0.005001
    assert (data["left_text"], data["right_text"]) == (TOKENS[:2], TOKENS)
    [data] = parameters(show(weights(), TOKENS, title="M"))["attention"]
    assert data["left_text"] == data["right_text"] == TOKENS


@pytest.mark.parametrize("show", VIEWS.values(), ids=VIEWS)
def test_it_has_a_name_and_says_what_is_seen(show):
    sharp = weights()
    sharp[1, 2] = torch.eye(3)
    view = show(sharp, TOKENS, title='the "M" model')
    assert 'the "M" model. Sharpest is layer 1, head 2' in view.alt
    assert frame(view)["title"] == view.alt and view.alt in repr(view)
    inside = BeautifulSoup(frame(view)["srcdoc"], "html.parser")
    assert inside.select_one("#vis")["aria-label"] == view.alt
    assert all(one.get("aria-label") for one in inside.select("select"))


def test_a_view_without_its_libraries_is_light():
    """What a page carries for a view of MiniLM's size: libraries are files there."""
    page = model_view(weights(6, 12, 16, 16), ["token"] * 16, title="M").page
    assert (
        100_000 < len(re.sub(r"<script data-library.*?</script>", "", page, flags=re.S)) < 150_000
    )


def test_the_layer_shown_first_can_be_chosen():
    assert parameters(head_view(weights(), TOKENS, title="M", layer=1))["layer"] == 1


def test_two_views_share_no_id():
    first, second = (parameters(head_view(weights(), TOKENS, title="M")) for _ in "ab")
    assert first["root_div_id"] != second["root_div_id"]


@pytest.mark.parametrize("layer", [2, -1])
def test_a_layer_that_is_not_there(layer):
    with pytest.raises(ValueError, match="pass a layer from 0 to 1"):
        head_view(weights(), TOKENS, title="M", layer=layer)


@pytest.mark.parametrize("show", VIEWS.values(), ids=VIEWS)
def test_bad_input(show):
    with pytest.raises(ValueError, match="do not fit 2 query tokens"):
        show(weights(), TOKENS[:2], TOKENS, title="M")
    with pytest.raises(ValueError, match="no tokens"):
        show(weights(), [], title="M")
    with pytest.raises(ValueError, match="shorter sentence"):
        show(weights(12, 12, 40, 40), ["a"] * 40, title="M")
