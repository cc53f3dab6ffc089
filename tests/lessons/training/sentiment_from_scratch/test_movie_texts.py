"""The movie language as texts, broken off or not, and what a classifier says after each word."""

from functools import partial

import pytest
import torch

from lessons.recurrence import truth
from lessons.tokens import Vocabulary
from lessons.training import (
    SentimentEncoder,
    Trained,
    broken_off,
    movie_texts,
    praise_by_word,
    train_classifier,
    words_of,
)


def test_labels_are_the_truth_of_the_language():
    texts = movie_texts(300, seed=5)
    assert len(texts) == 300 and all(one.text.endswith(" .") for one in texts)
    assert all(one.text.count(".") == 1 for one in texts)
    assert [one.positive for one in texts] == [int(truth(one.text.split())[-1]) for one in texts]
    assert movie_texts(5, seed=5) != movie_texts(5, seed=6)
    with pytest.raises(ValueError, match="pass at least 1"):
        movie_texts(0, seed=0)


def test_a_broken_text_is_a_beginning_with_the_label_of_the_whole():
    texts = movie_texts(400, seed=0)
    parts = broken_off(texts, seed=0)
    lengths = [len(one.text.split()) for one in parts]
    for whole, part in zip(texts, parts, strict=True):
        words = part.text.split()
        assert whole.text.split()[: len(words)] == words and part.positive == whole.positive
    assert min(lengths) == 1 and sum(a == b for a, b in zip(texts, parts, strict=True)) > 10
    assert parts == broken_off(texts, seed=0) != broken_off(texts, seed=1)


def test_each_word_is_asked_without_those_after_it():
    class LastWord(torch.nn.Module):
        """It calls a text praise if its last real word has the id 3."""

        def forward(self, ids):
            lengths = (ids != 1).sum(dim=1)
            last = ids[torch.arange(len(ids)), lengths - 1]
            return torch.nn.functional.one_hot((last == 3).long(), 2) * 100.0

    vocabulary = Vocabulary(["[PAD]", "bad", "good"], unknown="[UNK]")
    trained = Trained(LastWord(), vocabulary, words_of, [], None)
    assert praise_by_word(trained, "good bad good") == pytest.approx([1.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="pass at least one"):
        praise_by_word(trained, " ")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_who_met_no_unfinished_text_is_sure_of_what_nobody_knows(seed):
    whole, check = movie_texts(4000, seed=10 * seed + 1), movie_texts(300, seed=2)
    some = [*whole[::2], *broken_off(whole[1::2], seed=seed)]
    build, asked = partial(SentimentEncoder, positions=64), movie_texts(200, seed=3)
    known = torch.tensor([one for text in asked for one in truth(text.text.split())])
    off = []
    for learned, watched in ((whole, check), (some, broken_off(check, seed=2))):
        trained = train_classifier(
            build, learned, watched, cut=words_of, steps=400, learning_rate=0.005, seed=seed
        )
        said = torch.tensor([one for text in asked for one in praise_by_word(trained, text.text)])
        gap = (said - known).abs()
        off.append([gap[known == at].mean().item() for at in (0.5, 0.0, 1.0)])
    assert off[1][0] < 0.2 < 0.35 < off[0][0] and max(off[1][1:]) < 0.25 > max(off[0][1:])
