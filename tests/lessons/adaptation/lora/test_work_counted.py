"""Work counted, against sums by hand."""

import torch
from torch import nn

from lessons.adaptation import (
    LowRank,
    adapt,
    block_matrices,
    train_only,
    training_bytes,
    work_of_step,
)
from lessons.families import next_token_loss, small_decoder

X = torch.randn(10, 6)


def squared(model):
    return model(X).square().sum()


def test_multiplications_of_two_layers():
    """Ten rows: each matrix once forward, once for its gradient, the second once for its input."""
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 4))
    assert work_of_step(model, squared).multiplications == 10 * (2 * 6 * 5 + 3 * 5 * 4)
    train_only(model, ["1."])
    assert work_of_step(model, squared).multiplications == 10 * (6 * 5 + 2 * 5 * 4)
    assert model[1].weight.grad is None


def test_an_update_saves_the_gradient_of_its_matrix():
    frozen = train_only(nn.Linear(6, 5), ())
    model = LowRank(frozen, rank=2, alpha=2.0)
    # forward the matrix and both factors; back both factors, and what lies between them
    assert work_of_step(model, squared).multiplications == 10 * (6 * 5 + 2 * (2 * 6 + 3 * 5))


def test_what_is_kept():
    model = nn.Sequential(nn.Linear(6, 5, bias=False), nn.Linear(5, 4, bias=False))
    # the input, what stands between, and what is squared
    assert work_of_step(model, squared).kept == 4 * 10 * (6 + 5 + 4)
    train_only(model, ["1."])
    assert work_of_step(model, squared).kept == 4 * 10 * (5 + 4)


def test_more_calls_and_fewer_multiplications_in_a_decoder():
    ids = torch.zeros(2, 8, dtype=torch.long)
    full, adapted = small_decoder(20, positions=8), small_decoder(20, positions=8)
    adapt(adapted, block_matrices(full), rank=2, alpha=2.0)
    works = [
        work_of_step(model, lambda model: next_token_loss(model, ids)) for model in (full, adapted)
    ]
    assert works[1].multiplications < works[0].multiplications
    assert works[1].calls > works[0].calls


def test_bytes_of_training_are_those_of_adamw():
    model = adapt(small_decoder(20, positions=8), ["to_query"], rank=2, alpha=2.0)
    wanted = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(wanted)
    model(torch.zeros(1, 4, dtype=torch.long)).sum().backward()
    optimizer.step()
    state = [one for state in optimizer.state.values() for one in state.values() if one.dim()]
    found = training_bytes(model)
    assert found["moments"] == sum(one.nbytes for one in state)
    assert found["gradients"] == sum(one.grad.nbytes for one in wanted)
    assert found["weights"] == sum(one.nbytes for one in model.parameters())
