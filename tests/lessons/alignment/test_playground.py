"""The true reward against the grammar's own sentences, and the frontier against brute force."""

import math
import random

import pytest
import torch

from lessons.alignment import (
    bernoulli_kl,
    cheerful_words,
    open_playground,
    tilted,
    true_reward,
    written,
)
from lessons.models.grammar.people import REASONS, choose_story, english

DOUBLE = torch.float64


def ids(playground, text, new=8):
    tokens = [playground.words.index(word) for word in text.split()]
    return torch.tensor([tokens + [playground.ends[0].item()] * (new - len(tokens))])


@pytest.mark.parametrize(
    ("text", "reward", "counted"),
    [
        ("he is kind .", 1, 1),
        ("he is happy <|endoftext|>", 1, 1),
        ("he is sad .", 0, 0),
        ("she is kind .", 0, 1),  # nobody there is meant by it
        ("he was kind .", 0, 1),  # the deed is in the present
        ("he is kind kind .", 0, 2),
        ("kind happy calm kind happy calm kind happy", 0, 8),
        ("he is kind tom is happy ben sees", 0, 2),
        (". kind happy", 0, 0),  # what comes after the end does not count
    ],
)
def test_what_is_true_and_what_is_counted(playground, text, reward, counted):
    answer = ids(playground, text)
    assert cheerful_words(playground, answer).tolist() == [counted]
    answer = answer.where(written(answer, playground.ends), playground.ends[0])
    assert true_reward(playground, answer).tolist() == [reward]


def test_the_allowed_answers_are_the_grammars(playground):
    """All stories of these two and this deed that the grammar draws, and no others."""
    rng, drawn = random.Random(0), set()
    while len(drawn) < len(REASONS):
        story = choose_story(rng)
        if story.deed == "thanks" and set(story.names) <= {"tom", "ben", "paul", "marc", "leo"}:
            drawn.add(" ".join(english(story).tokens[4:]))
    told = {playground.told(one)[:-2] for one in playground.allowed[::2]}
    assert told == drawn
    assert playground.good.sum() == 6 and len(playground.allowed) == 12


def test_unknown_words_and_other_models_are_refused(decoder, encoder):
    with pytest.raises(ValueError, match="the encoder is no decoder"):
        open_playground(encoder)
    with pytest.raises(ValueError, match="the decoder does not know 'anna'"):
        open_playground(decoder, names=("anna", "mary"))


@pytest.mark.parametrize("beta", [0.05, 0.5, 2.0])
def test_no_policy_does_better_than_the_tilted_one(beta):
    """The objective on a grid of all shares: the best one is where `tilted` says."""
    start = 0.44
    grid = torch.linspace(1e-4, 1 - 1e-4, 9999, dtype=DOUBLE)
    value = [share - beta * bernoulli_kl(share, start) for share in grid.tolist()]
    best = grid[torch.tensor(value).argmax()].item()
    assert abs(best - tilted(start, beta=beta)) < 2e-4


def test_the_least_distance_for_a_share():
    """Among policies over five answers with one share of good ones, tilting is the nearest."""
    chance = torch.Generator().manual_seed(0)
    old = torch.rand(5, generator=chance, dtype=DOUBLE).softmax(dim=0)
    start = old[:2].sum().item()
    for _ in range(50):
        new = (3 * torch.randn(5, generator=chance, dtype=DOUBLE)).softmax(dim=0)
        apart = (new * (new / old).log()).sum().item()
        assert apart >= bernoulli_kl(new[:2].sum().item(), start) - 1e-12
    scaled = torch.cat([old[:2] / start * 0.9, old[2:] / (1 - start) * 0.1])
    apart = (scaled * (scaled / old).log()).sum().item()
    assert math.isclose(apart, bernoulli_kl(0.9, start))


def test_odd_chances_and_prices_are_refused():
    for reached, start in ((1.2, 0.5), (0.5, 0.0), (0.5, 1.0)):
        with pytest.raises(ValueError, match="pass chances"):
            bernoulli_kl(reached, start)
    with pytest.raises(ValueError, match="pass a positive price"):
        tilted(0.5, beta=0.0)
