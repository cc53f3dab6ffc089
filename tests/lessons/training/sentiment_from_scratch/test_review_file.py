"""Files of reviews come back as they were, and a broken one is told in one sentence."""

import pytest

from lessons.training import Labeled, draw_reviews, labeled, read_reviews, write_reviews


def test_a_file_comes_back(tmp_path):
    reviews = [Labeled('She said "no", twice.\nReally, é!', 0), Labeled("Good.", 1)]
    write_reviews(tmp_path / "reviews.csv", reviews)
    assert read_reviews(tmp_path / "reviews.csv") == reviews


def test_a_share_of_the_labels_is_wrong():
    reviews = draw_reviews(2000)
    wrong = sum(one.positive != review.positive for one, review in
                zip(labeled(reviews, wrong=0.1), reviews, strict=True))  # fmt: skip
    assert 150 < wrong < 250
    assert all(one.positive == review.positive for one, review in
               zip(labeled(reviews), reviews, strict=True))  # fmt: skip
    with pytest.raises(ValueError, match="pass a share from 0 to 1"):
        labeled(reviews, wrong=1.5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("review,stars\nGood.,1\n", "has the columns review, stars: they must be text, positive"),
        ("", "has the columns nothing"),
        ("text,positive\n", "has no reviews"),
        ("text,positive\nGood.,1\nBad.,no\n", "line 3: write a text that is not empty, and 0 or 1"),
        ("text,positive\n ,1\n", "line 2: write a text"),
        ("text,positive\nGood.\n", "line 2: write a text"),
        ("text,positive\nGood,1,really\n", "line 2: write a text"),  # the comma is no part of it
        ('text,positive\n"A good\nbook.",1\nBad.,2\n', "line 4: write a text"),
        ('text,positive\n"Good.,1\nBad.,0\n', "line 3: write a text"),  # all of it is one text
        ('text,positive\n"' + "Good.,1\n" * 20_000, r"line \d+: field .* close its quotation mark"),
    ],
)
def test_broken_files_are_told(tmp_path, content, message):
    (tmp_path / "reviews.csv").write_text(content)
    with pytest.raises(ValueError, match=message) as told:
        read_reviews(tmp_path / "reviews.csv")
    assert "\n" not in str(told.value)


def test_other_encodings_are_told_and_a_mark_at_the_beginning_is_none_of_the_table(tmp_path):
    (file := tmp_path / "reviews.csv").write_bytes("text,positive\nCafé.,1\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"reviews\.csv is not in UTF-8: save it with"):
        read_reviews(file)
    file.write_text("text,positive\nCafé.,1\n", "utf-8-sig")
    assert read_reviews(file) == [("Café.", 1)]
