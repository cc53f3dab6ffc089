"""Cosines, their baseline, the index, and the search that knows words only."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from lessons.tokens import (
    VectorIndex,
    cosines,
    exchange_gaps,
    nearest,
    random_pair_cosines,
    word_overlap,
)
from support import few, proofs, same

sizes = st.tuples(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 9), st.integers(1, 5))


def draw(size):
    seed, rows, columns, d_model = size
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(count, d_model, generator=generator, dtype=torch.float64)
        for count in (rows, columns)
    ]


def check_agrees_with_torch(compare, size):
    rows, columns = draw(size)
    same(compare(rows, columns), F.cosine_similarity(rows[:, None], columns[None], dim=-1))


def check_lengths_do_not_matter(compare, size):
    rows, columns = draw(size)
    same(compare(3 * rows, columns / 5), compare(rows, columns))


def check_opposite_is_minus_one(compare, size):
    rows, _ = draw(size)
    same(compare(rows, -rows).diagonal(), -torch.ones(len(rows), dtype=torch.float64))


def dot_products(rows, columns):
    return rows @ columns.T


def one_side_only(rows, columns):
    return F.normalize(rows, dim=-1) @ columns.T


def distances(rows, columns):
    return 1 / (1 + torch.cdist(rows, columns))


def unsigned(rows, columns):
    return cosines(rows, columns).abs()


CATCHES = {
    check_agrees_with_torch: [dot_products, one_side_only, distances, unsigned],
    check_lengths_do_not_matter: [dot_products, one_side_only, distances],
    check_opposite_is_minus_one: [dot_products, one_side_only, distances, unsigned],
}


test_cosines, test_broken_cosines_are_caught = proofs(
    cosines, CATCHES, ((1, 3, 4, 5),), st.tuples(sizes)
)


def test_a_vector_without_direction_is_refused():
    with pytest.raises(ValueError, match="has no direction"):
        cosines(torch.zeros(1, 2), torch.eye(2))


def test_nearest_is_ranked():
    table = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [-1.0, 0.0]])
    found = nearest(torch.tensor([2.0, 0.0]), table, count=9)
    assert [row for row, _ in found] == [1, 2, 0, 3]
    same(torch.tensor([c for _, c in found]), torch.tensor([1, 0.5**0.5, 0, -1]), atol=1e-6)
    assert len(nearest(torch.tensor([2.0, 0.0]), table, count=2)) == 2
    with pytest.raises(ValueError, match="pass at least 1"):
        nearest(torch.ones(2), table, count=0)


def test_random_pairs_are_of_different_rows():
    generator = torch.Generator().manual_seed(0)
    # Rows at right angles: only a row with itself would give 1.
    assert (random_pair_cosines(torch.eye(3), pairs=500, generator=generator) == 0).all()
    cone = torch.eye(50) + 1
    found = random_pair_cosines(cone, pairs=500, generator=generator)
    same(found, torch.full((500,), float(52 / 53)), atol=1e-5)
    with pytest.raises(ValueError, match="pass at least two"):
        random_pair_cosines(torch.eye(1), pairs=1, generator=generator)


def test_random_pairs_reach_all_rows():
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(4, 8, dtype=torch.float64)
    found = random_pair_cosines(table, pairs=400, generator=generator)
    assert len(set(found.mul(1e9).round().tolist())) == 6  # the pairs among four rows


@few
@given(size=sizes, parts=st.integers(1, 3))
def test_index_finds_what_a_comparison_with_all_finds(size, parts):
    queries, vectors = draw(size)
    texts = [f"text {row}" for row in range(len(vectors))]
    index = VectorIndex()
    for part in range(parts):
        index.add(texts[part::parts], vectors[part::parts])
    assert len(index) == len(texts)
    for query in queries:
        found = index.search(query, count=len(texts))
        expected = F.cosine_similarity(query[None], vectors, dim=-1)
        best = torch.tensor([c for _, c in found], dtype=torch.float64)
        same(best, expected.sort(descending=True).values)
        assert {text: round(c, 9) for text, c in found} == {
            text: round(c, 9) for text, c in zip(texts, expected.tolist(), strict=True)
        }


def test_wrong_use_of_the_index_is_refused():
    index = VectorIndex()
    with pytest.raises(ValueError, match="the index is empty"):
        index.search(torch.ones(2))
    with pytest.raises(ValueError, match="pass one for each text"):
        index.add(["one"], torch.eye(2))
    index.add(["one", "two"], torch.eye(2))
    with pytest.raises(ValueError, match="with the same model"):
        index.add(["three"], torch.ones(1, 3))
    assert len(index) == 2


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ("a b", "a b", 1),
        ("a b", "c", 0),
        ("A, b!", "b. c", 1 / 3),
        ("a a a b", "a b b", 1),
        ("", "a", 0),
    ],
)
def test_word_overlap(first, second, share):
    assert word_overlap(first, second) == pytest.approx(share, abs=1e-12)
    assert word_overlap(second, first) == word_overlap(first, second)


def test_texts_without_words_are_refused():
    with pytest.raises(ValueError, match="pass a text with words"):
        word_overlap("", "?!")


def test_the_given_groups_come_first_and_pairs_are_not_compared():
    generator = torch.Generator().manual_seed(0)
    near = torch.randn(4, 5, generator=generator) * 0.1 + torch.tensor([1.0, 0, 0, 0, 0])
    far = torch.randn(4, 5, generator=generator) * 0.1 + torch.tensor([0, 1.0, 0, 0, 0])
    gaps = exchange_gaps(near, far)
    assert len(gaps) == 8 and gaps[0] > gaps[1:].max() + 0.3
    mixed = exchange_gaps(torch.cat([near[:3], far[3:]]), torch.cat([far[:3], near[3:]]))
    assert mixed[0] < mixed.max()
    assert torch.allclose(gaps.sort().values, mixed.sort().values, atol=1e-6)
    frame = torch.eye(5)[2:4]  # what a frame adds alike to both words of a pair is no likeness
    with_frame, other = (torch.cat([one[:2], frame], dim=1) for one in (torch.eye(2), torch.eye(2)))
    assert torch.equal(exchange_gaps(with_frame, other), torch.zeros(2))


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_pairs_leave_nothing_to_compare(number):
    with pytest.raises(ValueError, match="at least two"):
        exchange_gaps(torch.ones(number, 2), torch.ones(number, 2))
