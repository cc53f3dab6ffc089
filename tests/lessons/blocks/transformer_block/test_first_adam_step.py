"""What the first step of Adam promises before training, as the chapter tells it of warm-up."""

import pytest
import torch

from lessons.blocks import post_norm, pre_norm
from lessons.families import next_token_loss, small_decoder
from lessons.models import sorting_rows

RATE = 0.01


def promise(residual, seed):
    """Return the loss, and how far it would fall if it followed its slope for one step."""
    model = small_decoder(11, positions=11, d_model=32, layers=8, residual=residual, seed=seed)
    rows = sorting_rows(torch.Generator().manual_seed(seed), rows=32, digits=5)
    loss = next_token_loss(model, rows)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    return loss.item(), RATE * sum(one.abs().sum().item() for one in gradients)


@pytest.mark.parametrize("seed", range(5))
def test_the_first_step_promises_more_than_the_whole_loss_and_most_under_post_norm(seed):
    (loss, after), (_, before) = promise(post_norm, seed), promise(pre_norm, seed)
    assert after > before > loss


def test_adams_first_step_is_as_long_for_any_gradient():
    for scale in (1e-3, 1.0, 1e3):
        weight = torch.nn.Parameter(torch.zeros(3))
        weight.grad = scale * torch.tensor([1.0, -2.0, 0.5])
        torch.optim.AdamW([weight], lr=RATE).step()
        assert torch.allclose(weight, -RATE * weight.grad.sign(), rtol=1e-3)
