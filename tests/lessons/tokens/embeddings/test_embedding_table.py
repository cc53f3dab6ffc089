import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from jaxtyping import TypeCheckError

from lessons.tokens import look_up, one_hot
from support import few, proofs, same

sizes = st.tuples(st.integers(0, 2**32), st.integers(0, 7), st.integers(1, 9), st.integers(1, 5))


def draw(size):
    seed, tokens, vocab, d_model = size
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(vocab, (tokens,), generator=generator)
    return ids, torch.randn(vocab, d_model, generator=generator, dtype=torch.float64)


def check_agrees_with_torch(read, size):
    ids, table = draw(size)
    same(read(ids, table), F.embedding(ids, table))


def check_equals_the_product(read, size):
    ids, table = draw(size)
    same(read(ids, table), one_hot(ids, len(table)).double() @ table)


def check_same_id_same_row(read, size):
    """Whatever stands around it, a token's row is the same, bit by bit."""
    ids, table = draw(size)
    rows = read(torch.cat([ids, ids.flip(0)]), table)
    assert torch.equal(rows, torch.cat([rows[: len(ids)], rows[: len(ids)].flip(0)]))


def reads_columns(ids, table):
    return table[:, ids % table.shape[1]].T.repeat(1, table.shape[1])[:, : table.shape[1]]


def off_by_one(ids, table):
    return table[ids - 1]


def adds_positions(ids, table):
    return table[ids] + torch.arange(len(ids))[:, None]


def mixes_neighbors(ids, table):
    return table[ids] + table[ids].roll(1, dims=0)


CATCHES = {
    check_agrees_with_torch: [reads_columns, off_by_one, adds_positions, mixes_neighbors],
    check_equals_the_product: [reads_columns, off_by_one, adds_positions, mixes_neighbors],
    check_same_id_same_row: [adds_positions, mixes_neighbors],
}


test_look_up, test_broken_lookups_are_caught = proofs(
    look_up, CATCHES, ((0, 5, 6, 4),), st.tuples(sizes)
)


@few
@given(size=sizes)
def test_one_hot_is_torch_s(size):
    ids, table = draw(size)
    same(one_hot(ids, len(table)), F.one_hot(ids, len(table)).float())


def test_by_hand():
    """The chapter's table: the rows of "sat", "the", "sat"."""
    table = torch.tensor([[0.1, 0.2], [0.9, 0.4], [0.5, 0.8]])
    rows = look_up(torch.tensor([2, 0, 2]), table)
    assert torch.equal(rows, torch.tensor([[0.5, 0.8], [0.1, 0.2], [0.5, 0.8]]))


def test_only_rows_that_are_read_learn():
    table = torch.randn(5, 3, requires_grad=True)
    look_up(torch.tensor([1, 3, 1]), table).sum().backward()
    assert table.grad.tolist() == [[0] * 3, [2] * 3, [0] * 3, [1] * 3, [0] * 3]


@pytest.mark.parametrize("wrong", [-1, 4])
def test_ids_must_be_in_the_vocabulary(wrong):
    ids = torch.tensor([0, wrong])
    for call in (lambda: look_up(ids, torch.randn(4, 2)), lambda: one_hot(ids, 4)):
        with pytest.raises(ValueError, match=f"token id {wrong} is not in the vocabulary of 4"):
            call()


def test_shapes_are_enforced():
    with pytest.raises(TypeCheckError, match="'ids'"):
        look_up(torch.zeros(2, 3, dtype=torch.long), torch.randn(4, 2))
    with pytest.raises(TypeCheckError, match="'ids'"):
        look_up(torch.zeros(2), torch.randn(4, 2))
