"""Log-probabilities against transformers' own, and the drift against its definition."""

import copy

import pytest
import torch

from lessons.alignment import (
    Pairs,
    draw_answers,
    drift,
    pair_logs,
    place_of,
    roll_out,
    success,
    token_log_probabilities,
    true_reward,
    written,
)
from lessons.families import small_decoder
from lessons.generation import sample


@pytest.fixture(scope="module")
def answers(reference, playground):
    return draw_answers(reference, playground, 400, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_as_transformers_says(reference, decoder, playground, answers):
    some = answers[:30]
    texts = torch.cat([playground.prompt.expand(30, -1), some], dim=-1)
    theirs = decoder.model(texts).logits.log_softmax(dim=-1)[:, 3:-1]
    theirs = theirs.gather(-1, some[..., None])[..., 0] * written(some, playground.ends)
    ours = token_log_probabilities(reference, playground, some)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_the_prompt_and_what_follows_the_end_do_not_count(reference, playground, answers):
    some = answers[:20]
    logs = token_log_probabilities(reference, playground, some)
    assert not logs[~written(some, playground.ends)].any()
    other = some.where(written(some, playground.ends), 7)
    torch.testing.assert_close(token_log_probabilities(reference, playground, other), logs)


def test_equal_answers_give_equal_gradients(reference, playground, answers):
    """Read once, an answer that was drawn five times still counts five times."""
    found = []
    for some in (answers[:1].expand(5, -1), answers[:1]):
        policy = copy.deepcopy(reference)
        token_log_probabilities(policy, playground, some).sum().backward()
        found.append(policy.norm.gain.grad)
    torch.testing.assert_close(found[0], 5 * found[1])


def test_the_exact_share_is_what_is_drawn(reference, playground, answers):
    drawn = true_reward(playground, answers).mean().item()
    share = success(reference, playground)
    assert abs(drawn - share) < 4 * (share * (1 - share) / len(answers)) ** 0.5
    assert 0.4 < share < 0.5


def test_the_drift_is_the_mean_log_ratio(reference, playground, moved):
    """Two estimates of one divergence; and the drift scatters less."""
    answers = draw_answers(moved, playground, 2000, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ratio = (
            token_log_probabilities(moved, playground, answers)
            - token_log_probabilities(reference, playground, answers)
        ).sum(dim=-1)
    exact = drift(moved, reference, playground, answers)
    assert exact.min() >= 0
    error = (ratio - exact).std() / len(answers) ** 0.5
    assert (ratio.mean() - exact.mean()).abs() < 4 * error
    assert exact.std() < ratio.std()


def test_a_policy_stands_where_its_drift_and_success_say(reference, playground, moved):
    place = place_of(moved, reference, playground, count=300, seed=5)
    drawn = draw_answers(moved, playground, 300, generator=torch.Generator().manual_seed(5))
    assert place.reward == success(moved, playground) != success(reference, playground)
    assert place.kl == drift(moved, reference, playground, drawn).mean().item() > 0


def test_drawn_as_by_sampling(reference, playground, moved):
    """Though equal beginnings are read once and ended ones not at all."""
    for policy in (reference, moved):
        chances = [torch.Generator().manual_seed(4) for _ in range(2)]
        found = draw_answers(policy, playground, 200, generator=chances[0])
        prompts = playground.prompt.expand(200, -1)
        expected = sample(policy, prompts, max_new_tokens=8, generator=chances[1])
        kept = written(expected, playground.ends)
        assert torch.equal(found, expected.where(kept, playground.ends[0]))
        assert not kept.all() and torch.equal(*(one.get_state() for one in chances))


def test_odd_answers_are_refused(reference, playground, answers):
    with pytest.raises(ValueError, match="there is no answer, or it is empty"):
        token_log_probabilities(reference, playground, answers[:, :0])
    with pytest.raises(ValueError, match="there is no answer, or it is empty"):
        token_log_probabilities(reference, playground, answers[:0])
    with pytest.raises(ValueError, match="count is 0: pass at least 1"):
        draw_answers(reference, playground, 0, generator=torch.Generator())


def test_a_policy_of_no_numbers_and_another_vocabulary_are_refused(reference, playground, answers):
    broken = copy.deepcopy(reference)
    with torch.no_grad():
        broken.norm.gain.fill_(float("nan"))
    with pytest.raises(ValueError, match="the policy's logits are no longer finite"):
        token_log_probabilities(broken, playground, answers[:2])
    with pytest.raises(ValueError, match="the policy's logits are no longer finite"):
        draw_answers(broken, playground, 2, generator=torch.Generator())
    pairs, above = Pairs(playground.allowed[:1], playground.allowed[2:3]), torch.ones(2, 1)
    for tokens in (500, 30):  # fewer, too: an answer's words are none of the reference's then
        other = small_decoder(tokens, positions=16, d_model=8, heads=2, layers=1)
        told = f"knows 287 tokens and the reference {tokens}: pass a reference with the policy's"
        with pytest.raises(ValueError, match=told):
            drift(reference, other, playground, answers[:2])
        with pytest.raises(ValueError, match=told):
            pair_logs(reference, other, playground, pairs)
        with pytest.raises(ValueError, match=told):
            roll_out(reference, other, playground, answers[:2], above)
    with pytest.raises(ValueError, match="400"):
        token_log_probabilities(reference, playground, torch.full((1, 8), 400))
