from functools import partial

import pytest
import torch
from torch import nn

from lessons.fit import fit
from lessons.recurrence import (
    LSTMCell,
    Reader,
    RNNCell,
    draw_mixed,
    draw_recall,
    learned_recall,
    recall_loss,
    recall_rate,
)
from lessons.recurrence.rnn_limits.first_token import DIGITS, LETTERS, QUESTION, VOCAB


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


class Rememberer(nn.Module):
    """Answers at each token with the token at a place, if that is a letter."""

    def __init__(self, place=0):
        super().__init__()
        self.place = place

    def forward(self, ids):
        answers = ids[:, self.place].clamp(max=LETTERS - 1)
        scores = nn.functional.one_hot(answers, LETTERS).double() * 20
        return scores[:, None].expand(-1, ids.shape[1], -1)


@pytest.mark.parametrize("distractors", [0, 1, 7])
def test_a_sequence_is_a_letter_some_digits_and_the_question(distractors):
    ids, first = draw_recall(seeded(), distractors=distractors, batch=200)
    assert ids.shape == (200, distractors + 2)
    assert torch.equal(ids[:, 0], first) and set(first.tolist()) == set(range(LETTERS))
    digits = ids[:, 1:-1]
    assert ((digits >= LETTERS) & (digits < LETTERS + DIGITS)).all()
    assert (ids[:, -1] == QUESTION).all() and QUESTION == VOCAB - 1


def test_digits_tell_nothing_of_the_letter():
    ids, first = draw_recall(seeded(), distractors=1, batch=20_000)
    table = torch.zeros(LETTERS, DIGITS).index_put_(
        (first, ids[:, 1] - LETTERS), torch.ones(()), accumulate=True
    )
    assert ((table / 20_000 - 1 / 64).abs() < 5 * (1 / 64 / 20_000) ** 0.5).all()


def test_mixed_batches_have_all_distances():
    lengths = {draw_mixed(generator, most=4).ids.shape[1] for generator in [seeded()] * 100}
    assert lengths == set(range(2, 7))


def test_chance_comes_from_the_generator():
    first, again, other = (draw_recall(seeded(s), distractors=5).ids for s in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_who_remembers_is_right_and_who_does_not_guesses():
    batch = draw_recall(seeded(), distractors=5, batch=4000)
    assert recall_rate(Rememberer(), 5) == 1 and recall_loss(Rememberer(), batch) < 1e-6
    # Three digits in a row tell nothing, so the rate is chance: 1/8, give or take.
    assert abs(recall_rate(Rememberer(place=2), 5, batch=4000) - 1 / 8) < 5 * (0.11 / 4000) ** 0.5
    assert recall_loss(Rememberer(place=2), batch) > 1


def test_only_the_question_counts():
    class Early(Rememberer):
        def forward(self, ids):
            scores = super().forward(ids).clone()
            scores[:, -1] = 0
            return scores

    batch = draw_recall(seeded(), distractors=5)
    assert recall_loss(Early(), batch).exp().item() == pytest.approx(LETTERS)


def test_other_sequences_are_asked_than_were_trained_on():
    """With one distance and few letters, a sequence of digits is seldom drawn twice."""
    trained = {tuple(row.tolist()) for row in draw_recall(seeded(0), distractors=20).ids}
    asked = {tuple(row.tolist()) for row in draw_recall(seeded(1000), distractors=20).ids}
    assert not trained & asked


def test_negative_distances_are_refused():
    with pytest.raises(ValueError, match="pass at least 0"):
        draw_recall(seeded(), distractors=-1)


class OnTorchsLayer(nn.Module):
    """A reader whose cell runs as torch's own layer: the same network, in a third of the time."""

    def __init__(self, reader):
        super().__init__()
        kind = {RNNCell: nn.RNN, LSTMCell: nn.LSTM}[type(reader.cell)]
        self.embed, self.answer = reader.embed, reader.answer
        self.layer = kind(*reader.cell.w_input.shape[:1], reader.cell.d_state, batch_first=True)
        self.layer.weight_ih_l0.data = reader.cell.w_input.data.T.contiguous()
        self.layer.weight_hh_l0.data = reader.cell.w_state.data.T.contiguous()
        self.layer.bias_ih_l0.data = reader.cell.bias.data
        self.layer.bias_hh_l0.data.zero_()
        self.layer.bias_hh_l0.requires_grad_(False)

    def forward(self, ids):
        return self.answer(self.layer(self.embed(ids))[0])


HALF, OPEN = (partial(LSTMCell, forget_bias=bias) for bias in (0.0, 3.0))


def fresh(cell, seed):
    torch.manual_seed(seed)
    return Reader(VOCAB, cell(24, 24), answers=LETTERS)


def learned(cell, distractors, seed):
    return learned_recall(OnTorchsLayer(fresh(cell, seed)), distractors, seed=seed)


@pytest.mark.parametrize("cell", [RNNCell, HALF])
def test_torchs_layer_learns_as_ours_does(cell):
    draw = partial(draw_recall, distractors=4, batch=8)
    losses = [
        fit(reader.double(), draw, recall_loss, steps=20, learning_rate=0.01)
        for reader in (fresh(cell, 0), OnTorchsLayer(fresh(cell, 0)))
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-9)


def test_a_near_letter_is_learned():
    assert learned_recall(fresh(OPEN, 0), 4) > 0.9


SEEDS = pytest.mark.parametrize("seed", range(5))


@pytest.mark.slow
@SEEDS
def test_who_recalls_across_16_digits(seed):
    """What the chapter claims at this distance, with margin."""
    assert learned(RNNCell, 16, seed) < 0.25
    assert learned(HALF, 16, seed) < 0.25
    assert learned(OPEN, 16, seed) > 0.95
    # Before that, the one whose gradient fades more slowly gets further.
    assert learned(RNNCell, 8, seed) + 0.1 < learned(HALF, 8, seed)


@pytest.mark.slow
@SEEDS
def test_across_64_digits_only_attention_recalls(seed):
    assert learned(OPEN, 64, seed) < 0.6
    torch.manual_seed(seed)
    layer = nn.TransformerEncoderLayer(24, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
    model = nn.Sequential(nn.Embedding(VOCAB, 24), layer, nn.Linear(24, LETTERS))
    assert learned_recall(model, 64, seed=seed) > 0.95


@pytest.mark.slow
@SEEDS
@pytest.mark.parametrize(("most", "least_right"), [(8, 0.9), (30, 0.95)])
def test_near_examples_teach_the_far_ones(most, least_right, seed):
    reader = OnTorchsLayer(fresh(HALF, seed))
    draw = partial(draw_mixed, most=most, batch=32)
    fit(reader, draw, recall_loss, steps=300, learning_rate=0.01, seed=seed)
    assert recall_rate(reader, 160) > least_right
