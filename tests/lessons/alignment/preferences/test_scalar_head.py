"""The scalar head is read at the end of an answer, and learns what people choose."""

import math

import pytest
import torch

from lessons.alignment import (
    Scored,
    answer_of,
    answer_scores,
    draw_answers,
    learn_reward,
    pair_up,
    preference_loss,
    score_of,
    scores_along,
    true_reward,
)


@pytest.fixture(scope="module")
def drawn_head(reference):
    model = Scored(reference)
    with torch.no_grad():
        model.head.weight.copy_(torch.randn(128, generator=torch.Generator().manual_seed(0)))
    return model.eval()


def test_the_loss_by_hand():
    chosen, rejected = torch.tensor([9.0, 9.0]).log(), torch.tensor([1.0, 3.0]).log()
    loss = preference_loss(chosen, rejected)
    assert math.isclose(loss.item(), -(math.log(0.9) + math.log(0.75)) / 2, abs_tol=1e-6)
    assert preference_loss(rejected, chosen) > loss
    torch.testing.assert_close(preference_loss(chosen + 7, rejected + 7), loss)


def test_read_at_the_first_end(playground, drawn_head):
    short, long = (answer_of(playground, text) for text in ("he is sad .", "he is sad . he is ."))
    with torch.no_grad():
        along = scores_along(drawn_head, playground, long)[0]
        read = answer_scores(drawn_head, playground, torch.cat([short, long]))
    torch.testing.assert_close(read, along[4].expand(2))
    assert abs(along[4] - along[3]) > 1e-3 and abs(along[4] - along[8]) > 1e-3


def test_a_score_of_a_beginning_does_not_know_the_end(playground, drawn_head):
    one, other = (answer_of(playground, text) for text in ("he is sad .", "he is kind ."))
    with torch.no_grad():
        along = scores_along(drawn_head, playground, torch.cat([one, other]))
    torch.testing.assert_close(along[0, :3], along[1, :3])
    assert abs(along[0, 3] - along[1, 3]) > 1e-3


def test_a_reward_has_no_gradient(playground, drawn_head):
    assert not score_of(playground, playground.allowed, model=drawn_head).requires_grad


def test_no_chance_is_refused(reference, playground):
    with pytest.raises(ValueError, match=r"agreement is 1.5: pass a chance"):
        learn_reward(reference, playground, agreement=1.5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_it_learns_from_careless_labels_and_is_blind_beside(reference, playground, judge_of, seed):
    chance = torch.Generator().manual_seed(9)
    fresh = draw_answers(reference, playground, 400, generator=chance)
    held_out = pair_up(fresh, true_reward(playground, fresh), 400, generator=chance)
    good, bad = score_of(playground, torch.cat(held_out), model=judge_of(seed)).chunk(2)
    assert (good > bad).float().mean() > 0.85
    assert abs((good - bad).sigmoid().mean() - 0.85) < 0.1
    wrong = torch.cat([answer_of(playground, text) for text in ("she is kind .", "he is sad .")])
    assert score_of(playground, wrong, model=judge_of(seed)).diff().item() < -0.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_after_more_steps_it_sees_what_few_pairs_show_and_still_not_what_none_does(
    reference, playground, seed
):
    texts = ("he is kind .", "he is sad .", "she is kind .", "he is kind kind kind kind kind .")
    asked = torch.cat([answer_of(playground, text) for text in texts])
    model = learn_reward(reference, playground, agreement=0.85, steps=200, seed=seed)
    kind, sad, she, repeated = score_of(playground, asked, model=model).tolist()
    assert kind - sad > 1.2 and repeated - sad > 1
    assert she - sad < 0.5
