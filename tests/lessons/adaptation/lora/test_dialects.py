"""Dialects, and what rank they take: the chapter's findings on four more seeds."""

from functools import partial

import pytest
import torch

from lessons.adaptation import (
    adapted_layers,
    color_last,
    dialect,
    everyday,
    exchange_words,
    frequent_pairs,
    in_four_bits,
    labeled_loss,
    learn,
    trained_count,
)
from lessons.families import from_transformers
from lessons.models import load
from lessons.models.grammar import lexicon

ATTENTION = ("to_query", "to_key", "to_value", "attention.to_output")


@pytest.fixture(scope="module")
def book():
    found = load("decoder", source="book")
    base, ids = from_transformers(found.model), found.tokenizer.get_vocab()
    changes = {
        "colors": color_last,
        "pairs": partial(exchange_words, pairs=frequent_pairs(8)),
        "plain": tuple,
    }
    spoken = {name: dialect(ids, change) for name, change in changes.items()}
    return base, ids, spoken


def test_pairs_are_nested_and_no_word_stands_twice():
    pairs = frequent_pairs(32)
    words = [word for pair in pairs for word in pair]
    assert len(set(words)) == 64 and frequent_pairs(2) == pairs[:2]
    kinds = [lexicon.COLORS, lexicon.NAMES, lexicon.TRANSITIVE, lexicon.LEMMAS, lexicon.ADJECTIVES]
    alike = [left for left, right in pairs if any(left in k and right in k for k in kinds)]
    assert len(alike) < 8  # mostly words of two kinds
    for count in (0, 33):
        with pytest.raises(ValueError, match="pass 1 to 32"):
            frequent_pairs(count)


def test_exchanged_twice_is_as_it_was():
    pairs = frequent_pairs(32)
    for words in everyday("test", 20):
        once = exchange_words(words, pairs=pairs)
        assert once != words and exchange_words(once, pairs=pairs) == words


def test_colors_move_behind_their_nouns():
    words = tuple("tom sees mary 's red ball and the blue car is black .".split())
    expected = "tom sees mary 's ball red and the car blue is black ."
    assert " ".join(color_last(words)) == expected
    assert color_last(tuple(expected.split())) == tuple(expected.split())


def test_a_dialect_costs_a_model_that_knows_it_what_plain_costs(book):
    """Exchange the rows of the tables: the decoder speaks the dialect without any training."""
    base, ids, spoken = book
    order = torch.arange(len(ids))
    for left, right in frequent_pairs(8):
        order[[ids[left], ids[right]]] = order[[ids[right], ids[left]]]
    speaker = from_transformers(load("decoder", source="book").model)
    with torch.no_grad():
        table = speaker.embed.tokens.weight[order]
        speaker.embed.tokens.weight.copy_(table)
        speaker.unembed.weight.copy_(table)
        floor, known, unknown = (
            labeled_loss(one, texts.test).item()
            for one, texts in (
                (base, spoken["plain"]),
                (speaker, spoken["pairs"]),
                (base, spoken["pairs"]),
            )
        )
    assert abs(known - floor) < 1e-4 and unknown > floor + 1.5


@pytest.fixture(scope="module", params=range(1, 5))
def runs(request, book):
    """Return which share of what there was to learn each rank learned, and how to learn more."""
    base, _, spoken = book
    with torch.no_grad():
        start = {name: labeled_loss(base, one.test).item() for name, one in spoken.items()}
    learned = partial(learn, base, seed=request.param)

    def share(name, **options):
        ended = learned(spoken[name], **options)[1]
        return (start[name] - ended) / (start[name] - start["plain"])

    found = {
        (name, rank): share(name, rank=rank) for name in ("colors", "pairs") for rank in (1, 16)
    }
    found["fast"] = share("pairs", rank=1, learning_rate=0.05)
    found["16, fast"] = share("pairs", rank=16, learning_rate=0.01)
    for rank, alpha in ((1, 16), (16, 1), (16, 4)):
        found["alpha", rank, alpha] = share("pairs", rank=rank, alpha=float(alpha))
    print(request.param, found)
    assert abs(start["colors"] - start["pairs"]) < 0.4  # about as much to learn
    return found, learned, spoken["pairs"]


@pytest.mark.slow
def test_most_of_what_a_low_rank_lags_is_its_rate(runs):
    found, _, _ = runs
    lag = {name: found[name, 16] - found[name, 1] for name in ("colors", "pairs")}
    assert found["colors", 1] > 0.8 and lag["colors"] < 0.25
    assert found["pairs", 1] < 0.65 and lag["pairs"] > 0.25
    assert found["16, fast"] - found["fast"] < lag["pairs"] / 2


@pytest.mark.slow
def test_what_is_learned_follows_alpha_and_hardly_the_rank(runs):
    found, _, _ = runs
    assert abs(found["pairs", 1] - found["alpha", 16, 1]) < 0.15
    assert abs(found["pairs", 16] - found["alpha", 1, 16]) < 0.15
    assert found["alpha", 1, 16] > found["alpha", 16, 4] > found["alpha", 16, 1] + 0.08


@pytest.mark.slow
def test_feed_forward_networks_learn_words_best(runs):
    _, learned, hard = runs
    places = {
        ("to_query", "to_value"): 10,
        ATTENTION: 5,
        ("to_hidden", "feed_forward.to_output"): 4,
    }
    ended = [learned(hard, rank=rank, names=names) for names, rank in places.items()]
    print([loss for _, loss in ended])
    assert len({trained_count(model) for model, _ in ended}) == 1
    assert ended[2][1] < min(loss for _, loss in ended[:2])


@pytest.mark.slow
def test_an_adapter_does_as_well_on_its_base_in_four_bits(runs):
    _, learned, hard = runs
    adapted, ended = learned(hard, rank=16)
    narrow = in_four_bits(adapted, [f"{name}.base" for name in adapted_layers(adapted)])
    with torch.no_grad():
        assert abs(labeled_loss(narrow, hard.test).item() - ended) < 0.05
