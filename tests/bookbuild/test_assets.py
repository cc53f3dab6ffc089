"""MiniLM in 8 bits is written once, anew when it is not whole, and where a page asks for it."""

import json

import pytest
from bs4 import BeautifulSoup

from bookbuild import assets, pages
from bookbuild.stylesheet import names_of


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder, and let what is written there be short."""
    monkeypatch.setattr(assets, "make_eight_bits", lambda file: file.write_bytes(b"eight bits"))
    assets.write_minilm(tmp_path / "minilm")
    return tmp_path / "minilm"


def model_in(folder):
    told = json.loads((folder / "file.json").read_text())
    assert {path.name for path in folder.iterdir()} == {"file.json", told["name"]}
    assert told["bytes"] == (folder / told["name"]).stat().st_size
    return folder / told["name"]


def test_it_is_written_once(folder, monkeypatch):
    model = model_in(folder)
    assert model.read_bytes() == b"eight bits"
    monkeypatch.setattr(assets, "make_eight_bits", lambda file: pytest.fail("written again"))
    assets.write_minilm(folder)


def test_what_was_cut_off_or_made_otherwise_is_written_anew(folder, monkeypatch, tmp_path):
    model = model_in(folder)
    model.write_bytes(b"eight")
    assets.write_minilm(folder)
    assert model_in(folder).read_bytes() == b"eight bits"
    (tmp_path / "otherwise.py").write_text("another way")
    monkeypatch.setattr(assets, "EIGHT_BITS", tmp_path / "otherwise.py")
    assets.write_minilm(folder)
    assert model_in(folder).name != model.name


@pytest.mark.parametrize(
    ("data", "asks"),
    [({"reads": {"kind": "minilm"}}, True), ({"reads": {"kind": "encoder"}}, False), ({}, False)],
)
def test_a_page_that_asks_for_it_is_marked(data, asks):
    page = f"<div class='lesson-figure' data-live='x' data-figure='{json.dumps(data)}'></div>"
    body = BeautifulSoup(page, "html.parser")
    pages.live_figures_start(body, {"pathto": lambda name, _: name})
    assert (pages.ASKS_MINILM in names_of(str(body))) is asks
