"""What the chapter on circuits claims holds for other sentences and lists, too."""

from functools import partial
from itertools import product

import pytest
import torch

from lessons.families import from_transformers
from lessons.interpretation import (
    attributed,
    both_ways,
    number_pairs,
    path_both_ways,
    swapped_lists,
)
from lessons.models.grammar import agreement

EVERY = list(product(range(3), range(4)))
FEEDS = [f"layers.{layer}.feed_forward.hidden" for layer in range(3)]
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def ours(decoder):
    return from_transformers(decoder.model).eval()


def means(ways):
    return [way.mean().item() for way in ways]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_one_head_tells_the_number_through_the_last_network(decoder, ours, seed):
    pairs = number_pairs(decoder, 60, seed=seed)
    exchange = partial(both_ways, ours, pairs)
    real = {head: means(exchange([head])) for head in EVERY}
    assert min(real[2, 2]) > 0.8 and 0.2 < min(real[1, 2]) <= max(real[1, 2]) < 0.5
    assert all(max(map(abs, real[head])) < 0.1 for head in EVERY if head not in ((1, 2), (2, 2)))
    for order in ([0, 3, 4, 5, 1, 2], [0, 1, 2]):  # the subject is the last word: half, no more
        last = pairs._make([*(ids[:, order] for ids in pairs[:2]), *pairs[2:]])
        assert 0.3 < both_ways(ours, last, [(2, 2)]).broken.mean() < 0.6
    assert max(means(exchange([(2, 2)], frozen=FEEDS[2:]))) < 0.25
    guessed = attributed(ours, pairs, EVERY)
    both = torch.tensor(
        [[real[head][0], guessed[head].restored.sum(dim=1).mean()] for head in EVERY]
    )
    assert torch.corrcoef(both.T)[0, 1] > 0.97 and both[10, 1] < 0.7 * both[10, 0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_places_the_plural_wins(decoder, ours, seed):
    pairs = number_pairs(decoder, 100, seed=seed)
    nouns = [decoder.tokenizer.decode([one]) for one in pairs.clean[:, 2].tolist()]
    plural = torch.tensor([agreement.number(noun) == "plural" for noun in nouns])
    for rows, more, less in ((plural, 0, 1), (~plural, 1, 0)):
        some = pairs._make(of[rows] for of in pairs)
        one, other = (means(both_ways(ours, some, ["layers.1.out"], tokens=[at])) for at in (2, 5))
        assert one[more] + other[more] > 1.1 and one[less] + other[less] < 0.9
        assert abs(one[0] + other[1] - 1) < 0.1 and abs(other[0] + one[1] - 1) < 0.1
    near = number_pairs(decoder, 100, seed=seed, word=5).corrupted[:, 5:]
    agreed = [torch.cat([ids[:, :5], near], dim=1) for ids in pairs[:2]]  # nearer noun: as many
    held = []
    for texts in (pairs[:2], agreed):
        some = pairs._make(of[plural] for of in (*texts, *pairs[2:]))
        held.append([means(both_ways(ours, some, ["layers.1.out"], tokens=[at])) for at in (2, 5)])
    (subject, last), (subject_near, last_near) = ([of[0] for of in one] for one in held)
    assert min(subject, subject_near) > 0.65 > last and last_near > last + 0.04
    assert abs(last - 0.5) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_note_with_the_same_word_before_wins_and_passes_the_first_network(decoder, ours, seed):
    pairs = swapped_lists(decoder, 30, seed=seed)
    exchange = partial(both_ways, ours, pairs)
    one, other, two = (
        means(exchange(["layers.0.out"], tokens=some)) for some in ([4], [7], [4, 7])
    )
    assert one[0] + other[0] > 1.1 and one[1] + other[1] < 0.9
    assert all(abs(share - 1) < 0.1 for share in two)
    for_the_other = [ids.index_copy(1, torch.tensor([12]), ids[:, 5:6]) for ids in pairs[:2]]
    exchanged = partial(both_ways, ours, pairs._make([*for_the_other, *pairs[2:]]))
    one, other = (means(exchanged(["layers.0.out"], tokens=[at])) for at in (4, 7))
    assert one[0] + other[0] < 0.95 < 1.05 < one[1] + other[1]
    path = partial(path_both_ways, ours, pairs, receiver=(1, 2), part="key")
    for sender in ((0, 0), (0, 2)):
        assert min(means(path(sender=sender, frozen=EVERY))) > 0.04
        assert max(map(abs, means(path(sender=sender, frozen=EVERY + FEEDS)))) < 0.04
    for sender in ((0, 1), (0, 3)):
        assert max(map(abs, means(path(sender=sender, frozen=EVERY)))) < 0.05
    guessed = attributed(ours, pairs, [(0, 0)])[0, 0].broken.sum(dim=1).mean()
    assert guessed < 0.1 < 0.2 < means(exchange([(0, 0)]))[1]
