import pytest
import torch

from lessons.recurrence import draw_any_links, draw_batch, exchange_link, fragment
from lessons.recurrence.any_links import LINKS
from support import caught_by

ENGLISH, FRENCH = fragment()
DRAWN = {"size": 60, "phrases": [1, 2, 3, 4], "talk": 0.2}


def drawn(draw, seed=0):
    return draw(torch.Generator().manual_seed(seed), **DRAWN)


def links(batch, row):
    return [word for word in ENGLISH.decode(batch.source[row].tolist()) if word in LINKS]


def check_only_links_differ(draw):
    plain, other = drawn(draw_batch), drawn(draw)
    for language, at, words in ((ENGLISH, 0, LINKS), (FRENCH, 2, LINKS.values())):
        link = torch.tensor([language.ids[word] for word in words])
        differs = plain[at] != other[at]
        assert differs.any() and torch.isin(plain[at], link).equal(torch.isin(other[at], link))
        assert torch.isin(other[at], link)[differs].all()
    assert other.alignment.equal(plain.alignment)


def check_each_link_is_translated(draw):
    batch = drawn(draw)
    for row in range(len(batch.source)):
        said = FRENCH.decode(batch.following[row].tolist())
        assert [word for word in said if word in LINKS.values()] == [
            LINKS[word] for word in links(batch, row)
        ]


def check_previous_is_following_one_later(draw):
    batch = drawn(draw)
    real = batch.following[:, 1:] != 0
    assert batch.previous[:, 1:][real].equal(batch.following[:, :-1][real])
    assert (batch.previous[:, 1:][~real] == 0).all() and (batch.previous[:, 0] == 1).all()


def check_both_kinds_stand_everywhere(draw):
    batch = drawn(draw)
    found = {(at, word) for row in range(60) for at, word in enumerate(links(batch, row))}
    assert {(at, word == "and") for at, word in found} == {
        (at, kind) for at in range(3) for kind in (True, False)
    }
    assert {word for _, word in found} == set(LINKS)


def english_only(generator, **options):
    seed = generator.initial_seed()
    plain = draw_batch(torch.Generator().manual_seed(seed), **options)
    return plain._replace(source=draw_any_links(generator, **options).source)


def previous_left(generator, **options):
    seed = generator.initial_seed()
    plain = draw_batch(torch.Generator().manual_seed(seed), **options)
    return draw_any_links(generator, **options)._replace(previous=plain.previous)


def other_words(generator, **options):
    return draw_any_links(torch.Generator().manual_seed(5), **options)


CATCHES = {
    check_only_links_differ: [draw_batch, other_words, english_only],
    check_each_link_is_translated: [english_only],
    check_previous_is_following_one_later: [previous_left],
    check_both_kinds_stand_everywhere: [draw_batch],
}


@pytest.mark.parametrize("check", CATCHES)
def test_any_links(check):
    check(draw_any_links)


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_broken_links_are_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant)


def and_becomes_see(exchange):
    plain = drawn(draw_batch)
    return plain, exchange(plain, "and", "see")


def check_one_link_is_exchanged(exchange):
    plain, other = and_becomes_see(exchange)
    for at, (old, new) in enumerate([("and", "see"), ("et", "voient"), ("et", "voient")]):
        ids = (FRENCH if at else ENGLISH).ids
        gone = plain[at] == ids[old]
        assert gone.any() and (other[at][gone] == ids[new]).all()
        assert other[at][~gone].equal(plain[at][~gone])
    assert other.alignment.equal(plain.alignment)


def in_english_alone(batch, old, new):
    return batch._replace(source=exchange_link(batch, old, new).source)


def both_ways(batch, old, new):
    swapped, kept = exchange_link(batch, new, old), batch.source == ENGLISH.ids[old]
    return swapped._replace(source=swapped.source.masked_fill(kept, ENGLISH.ids[new]))


def test_one_link_is_exchanged():
    check_one_link_is_exchanged(exchange_link)


@pytest.mark.parametrize("mutant", [in_english_alone, both_ways])
def test_broken_exchanges_are_caught(mutant):
    with pytest.raises(AssertionError):
        check_one_link_is_exchanged(mutant)


def test_what_is_no_link_is_refused():
    with pytest.raises(ValueError, match="'cats' is no link: pass one of see, like"):
        exchange_link(drawn(draw_batch), "cats", "see")
