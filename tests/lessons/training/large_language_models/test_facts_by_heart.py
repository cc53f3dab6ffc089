"""Scores of facts, by symbol and as a whole."""

import pytest
import torch
from torch import nn

from lessons.families import small_decoder
from lessons.training import draw_facts, right_places


def test_facts_have_keys_of_their_own_and_answers_of_all_symbols():
    facts = draw_facts(500, length=4, symbols=3)
    assert facts.shape == (500, 5)
    assert facts[:, 0].tolist() == list(range(3, 503))
    assert torch.bincount(facts[:, 1:].flatten()).tolist() == pytest.approx([667] * 3, abs=90)
    assert torch.equal(facts, draw_facts(500, length=4, symbols=3))
    assert not torch.equal(facts, draw_facts(500, length=4, symbols=3, seed=1))


class Symbols(nn.Module):
    """An untrained decoder that knows at least that answers are made of symbols."""

    def __init__(self):
        super().__init__()
        self.decoder = small_decoder(203, positions=3, d_model=8, layers=1)

    def forward(self, ids):
        return self.decoder(ids)[..., :3]


def test_an_answer_is_written_wholly_right_where_all_its_places_are():
    """Greedy writing, one symbol after the other, against the scores with the right ones given."""
    facts = draw_facts(200, length=2, symbols=3)
    model = Symbols()
    written = facts[:, :1]
    with torch.no_grad():
        for _ in range(2):
            written = torch.cat([written, model(written)[:, -1:].argmax(dim=-1)], dim=1)
    whole = (written == facts).all(dim=1)
    places = right_places(model, facts)
    assert torch.equal(whole, places.all(dim=1))
    assert 0 < whole.sum() < 200 and not torch.equal(whole, places[:, -1])


@pytest.mark.parametrize("sizes", [{"length": 0}, {"symbols": 1}])
def test_facts_without_content_are_refused(sizes):
    with pytest.raises(ValueError, match="pass at least one key"):
        draw_facts(3, **sizes)
