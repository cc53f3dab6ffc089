"""The circuits are what scores and writing depend on, and composition is a matter of directions."""

import math

import pytest
import torch
from hypothesis import given, settings, strategies as st

from lessons.blocks import record
from lessons.interpretation import composition_score, head_circuits, stream_parts

few = settings(deadline=None, max_examples=10, derandomize=True, database=None)


def close(one, other):
    torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


@pytest.fixture
def unbiased(model):
    """The model without the biases that the circuits leave out."""
    with torch.no_grad():
        for block in model.layers:
            block.attention_norm.bias.zero_()
            for name in ("to_query", "to_key", "to_value", "to_output"):
                getattr(block.attention, name).bias.zero_()
    return model


def check_circuits(circuits, model, ids):
    with record(model) as seen, torch.no_grad():
        model(ids)
    for layer in range(3):
        stream = seen[f"layers.{layer - 1}.out" if layer else "embedded"]
        sigma = (stream.var(dim=-1, correction=0, keepdim=True) + 1e-5).sqrt()
        read = stream / sigma
        for head in range(3):
            qk, ov = circuits(model, layer, head)
            close(read @ qk @ read.mT / 2, seen[f"layers.{layer}.attention.scores"][:, head])
            weights = seen[f"layers.{layer}.attention.weights"][:, head]
            wrote = (weights @ (read @ ov.T))[:, -1]
            if layer == 2:
                close(wrote, stream_parts(model, ids)[f"2.{head}"])


def test_scores_and_writing_go_by_the_circuits_alone(unbiased, pairs):
    check_circuits(head_circuits, unbiased, pairs.clean)


@pytest.mark.parametrize(
    "broken",
    [
        lambda *at: head_circuits(*at)._replace(qk=head_circuits(*at).qk.T),
        lambda *at: head_circuits(*at)._replace(ov=head_circuits(*at).ov.T),
        lambda model, layer, head: head_circuits(model, layer, (head + 1) % 3),
    ],
)
def test_broken_ones_are_noticed(unbiased, pairs, broken):
    with pytest.raises(AssertionError):
        check_circuits(broken, unbiased, pairs.clean)


def test_other_models_are_refused(model):
    model.layers[0].attention_norm = torch.nn.Identity()
    with pytest.raises(ValueError, match="norms are no LayerNorms"):
        head_circuits(model, 0, 0)


def naive(a, b):
    rows = [[sum(a[i, k] * b[k, j] for k in range(len(b))) for j in range(b.shape[1])]
            for i in range(len(a))]  # fmt: skip

    def length(table):
        return math.sqrt(sum(float(x) ** 2 for row in table for x in row))

    return length(rows) / (length(a) * length(b))


@few
@given(size=st.integers(1, 4), seed=st.integers(0, 99))
def test_composition_is_a_share_of_lengths(size, seed):
    chance = torch.Generator().manual_seed(seed)
    a, b = (torch.randn(size, size, generator=chance, dtype=torch.float64) for _ in range(2))
    found = composition_score(a, b)
    assert found == pytest.approx(naive(a, b), abs=1e-12) and 0 < found <= 1 + 1e-12
    assert composition_score(2 * a, b / 3) == pytest.approx(found)
    turn, _ = torch.linalg.qr(torch.randn(size, size, generator=chance, dtype=torch.float64))
    assert composition_score(a @ turn, turn.T @ b) == pytest.approx(found)
    assert size == 1 or composition_score(b, a) != pytest.approx(found, abs=1e-6)


def test_by_hand():
    """The chapter's heads: what stands before is written into the last two numbers."""
    writes, reads = torch.zeros(4, 4), torch.zeros(4, 4)
    writes[2:, :2] = reads[:2, 2:] = torch.eye(2)
    assert composition_score(reads, writes) == pytest.approx(1 / math.sqrt(2))
    assert composition_score(reads.T, writes) == 0


def test_tables_that_know_nothing_of_each_other_compose_by_chance():
    chance = torch.Generator().manual_seed(0)
    scores = []
    for _ in range(20):
        tables = [torch.randn(64, 16, generator=chance) @ torch.randn(16, 64, generator=chance)
                  for _ in range(2)]  # fmt: skip
        scores.append(composition_score(*tables))
    assert sum(scores) / 20 == pytest.approx(1 / math.sqrt(64), rel=0.1)
