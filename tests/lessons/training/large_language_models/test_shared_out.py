"""What devices share adds up to the whole."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch.nn.functional import gelu

from lessons.training import bytes_by_part, pipeline_idle, split_feed_forward, zero_bytes
from support import few, same


@few
@given(devices=st.sampled_from([1, 2, 4, 8]), tokens=st.integers(1, 4))
def test_the_parts_of_a_network_add_up_to_it(devices, tokens):
    chance = torch.Generator().manual_seed(devices)
    x, inner, outer = (
        torch.randn(*shape, dtype=torch.float64, generator=chance)
        for shape in ((tokens, 3), (8, 3), (3, 8))
    )
    parts = split_feed_forward(x, inner, outer, gelu, devices=devices)
    assert len(parts) == devices
    same(sum(parts), gelu(x @ inner.T) @ outer.T)


def test_the_activation_must_look_at_each_number_alone():
    x, inner, outer = torch.randn(3), torch.randn(4, 3), torch.randn(3, 4)
    parts = split_feed_forward(x, inner, outer, lambda y: y.softmax(-1), devices=2)
    assert not torch.allclose(sum(parts), (x @ inner.T).softmax(-1) @ outer.T)


def test_zero_cuts_up_more_at_each_stage():
    whole = bytes_by_part(1000)
    assert zero_bytes(1000, devices=8, stage=0) == whole
    totals = [sum(zero_bytes(1000, devices=8, stage=stage).values()) for stage in range(4)]
    # The paper's figure 1: 16, 4 + 12/N, 2 + 14/N, 16/N bytes a parameter.
    assert totals == [16_000, 4_000 + 1_500, 2_000 + 1_750, 2_000]


def test_the_papers_example():
    """7.5 billion parameters on 64 devices: 120, 31.4, 16.6 and 1.9 GB (their figure 1)."""
    totals = [sum(zero_bytes(7_500_000_000, devices=64, stage=n).values()) for n in range(4)]
    assert [round(total / 1e9, 1) for total in totals] == [120.0, 31.4, 16.6, 1.9]


def test_a_pipeline_of_one_never_waits():
    assert pipeline_idle(1, 5) == 0
    assert pipeline_idle(8, 8) > pipeline_idle(8, 64)


@pytest.mark.parametrize(
    "call",
    [
        lambda: zero_bytes(8, devices=0, stage=1),
        lambda: zero_bytes(8, devices=2, stage=4),
        lambda: pipeline_idle(0, 1),
        lambda: split_feed_forward(
            torch.ones(2), torch.eye(3, 2), torch.eye(2, 3), torch.relu, devices=2
        ),
    ],
)
def test_what_cannot_be_shared_is_refused(call):
    with pytest.raises(ValueError, match="pass"):
        call()
