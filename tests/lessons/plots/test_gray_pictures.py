import pytest
import torch

from lessons.plots import picture_grid


def test_the_alternative_text_tells_each_picture():
    pictures = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    figure = picture_grid(pictures, ["empty", "full"], title="Two")
    assert figure.alt == "Two. Grid of 2 pictures: empty (0 % dark), full (100 % dark)."
    assert figure.svg.count("<image") == 2 and "empty" in figure.svg


def test_a_row_that_is_not_full_is_drawn():
    figure = picture_grid(torch.rand(5, 1, 4, 4), list("abcde"), columns=3)
    assert figure.svg.count("<image") == 5


@pytest.mark.parametrize(("count", "captions"), [(0, []), (2, ["a"])])
def test_missing_captions_are_refused(count, captions):
    with pytest.raises(ValueError, match="one caption a picture"):
        picture_grid(torch.zeros(count, 1, 4, 4), captions)
