"""A reader's answer is judged as the question says, however it is written."""

from pathlib import Path

import pytest

import bookbuild
from support.node import in_node

JUDGED = Path(bookbuild.__file__).parent / "static" / "live" / "judged.js"
RUN = """
import * as judged from "./judged.js";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([name, ...given]) => judged[name](...given))));
"""
NUMBERS = {
    "16384": 16384,
    " 16,384 ": 16384,
    "16 384": 16384,
    "16’384": 16384,
    "1,234,567.5": 1234567.5,
    "-0.5": -0.5,
    "−3": -3,
    "+2": 2,
    ".5": 0.5,
    "2.": 2,
    "1e-3": 0.001,
    "": None,
    "-": None,
    ".": None,
    "1,5": None,
    "1,23,456": None,
    "12 apples": None,
    "0x10": None,
    "Infinity": None,
    "1e999": None,
    "<b>1</b>": None,
}


def judged(cases: list[list], folder: Path) -> list:
    return in_node(RUN, cases, {"judged.js": JUDGED.read_text("utf-8")}, folder)


def test_numbers_are_read_as_people_write_them(tmp_path):
    read = judged([["readNumber", text] for text in NUMBERS], tmp_path)
    assert dict(zip(NUMBERS, read, strict=True)) == NUMBERS


@pytest.mark.parametrize(
    ("given", "within", "place"),
    [
        (16384, 0, 1),
        (16384.0001, 0, 2),
        (16383, 0, 2),
        (16383, 2, 1),
        (0.3, 0, 0),
        (0.1 + 0.2, 0, 0),  # rounding is forgiven
        (0.31, 0.02, 0),
        (0.33, 0.02, 2),
    ],
)
def test_a_number_finds_its_reply(tmp_path, given, within, place):
    assert judged([["numberReply", given, [0.3, 16384], within]], tmp_path) == [place]


def test_what_comes_too_early_is_found(tmp_path):
    orders = {(0, 1, 2): -1, (1, 0, 2): 1, (0, 2, 1): 2, (2, 1, 0): 2, (2, 0, 1): 2}
    assert judged([["tooEarly", list(one)] for one in orders], tmp_path) == list(orders.values())


def test_a_kept_order_is_read_only_if_it_is_one(tmp_path):
    texts = {"2 0 1": [2, 0, 1], "0 1": None, "0 1 1": None, "0 1 3": None, "a b c": None, "": None}
    assert judged([["readOrder", one, 3] for one in texts], tmp_path) == list(texts.values())
