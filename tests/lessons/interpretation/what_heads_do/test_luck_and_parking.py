"""The best of many heads is lucky, and parked weight lies on the markers."""

import pytest
import torch

from lessons.interpretation import looked_at, lucky_bests, marker_mass


def test_the_best_of_many_looks_good_only_where_it_was_chosen():
    torch.manual_seed(0)
    looked = torch.randint(1, 11, (100, 12))
    chosen, fresh = lucky_bests(looked, [10] * 100, few=5, draws=200).mean(dim=0).tolist()
    assert chosen > 0.3 and abs(fresh - 0.1) < 0.02
    table = torch.eye(4).expand(2, 3, 4, 4)
    assert looked_at([table], [2]).tolist() == [[2] * 6]


def test_marker_mass_is_the_words_weight_on_both_ends(encoder):
    text = "tom thanks ben because he is kind"
    batch = encoder.tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        maps = torch.cat(encoder.model(**batch, output_attentions=True).attentions)
    by_hand = sum(maps[2, 1, word, end] for word in range(1, 8) for end in (0, 8)) / 7
    assert marker_mass(encoder, [text])[2, 1] == pytest.approx(by_hand.item(), abs=1e-6)
    with pytest.raises(ValueError, match="no text"):
        marker_mass(encoder, [])
