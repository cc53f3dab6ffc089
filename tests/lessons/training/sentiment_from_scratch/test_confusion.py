"""The confusion matrix, by hand and with classes that are missing."""

import pytest
import torch

from lessons.training import confusion_matrix, recalls
from lessons.training.sentiment_from_scratch.confusion import check_classes


def test_by_hand_and_by_counting():
    truth, said = torch.tensor([0, 2, 2, 1, 2]), torch.tensor([0, 1, 2, 1, 2])
    assert confusion_matrix(truth, said, 3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 2]]
    truth, said = torch.randint(4, (2, 300))
    matrix = confusion_matrix(truth, said, 4)
    assert matrix[3, 1] == ((truth == 3) & (said == 1)).sum() and matrix.sum() == 300
    assert (recalls(matrix) - torch.stack([(said[truth == c] == c).double().mean() for c in range(4)])).abs().max() < 1e-6  # fmt: skip # noqa: E501


def test_classes_that_are_not_there_are_told():
    with pytest.raises(ValueError, match="class 1 has no text"):
        recalls(torch.tensor([[2, 1], [0, 0]]))
    with pytest.raises(ValueError, match="pass answers from 0 to 1"):
        confusion_matrix(torch.tensor([0, 2]), torch.tensor([0, 1]), 2)
    with pytest.raises(ValueError, match="class 0 has no example"):
        check_classes([1, 1], 2)
