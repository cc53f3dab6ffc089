"""What the small GPT gets from the tokens before the last: most of it from one of them."""

import pytest
import torch

from lessons.families import small_decoder
from lessons.training import Batches, Recipe, bigram_loss, read_prose, train_by_hand


def losses_by_last(model, windows, others):
    """Return the loss on each window's last token where its last tokens alone are its own."""
    seen = {}
    for last in (1, 2, 4, 32):
        mixed = torch.cat([others[:, : 32 - last], windows[:, 32 - last : 32]], dim=1)
        with torch.no_grad():
            logits = model(mixed)[:, -1]
        seen[last] = torch.nn.functional.cross_entropy(logits, windows[:, -1]).item()
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_most_comes_from_one_token_before_the_last(seed):
    prose = read_prose(vocab_size=320)
    model = small_decoder(320, positions=64, d_model=64, layers=2, seed=seed)
    batches = Batches(prose.learned, rows=16, length=64, count=300, seed=seed)
    train_by_hand(model, batches, Recipe(steps=300, learning_rate=0.02, warm_up=20))
    windows = prose.held_out[:3032].unfold(0, 33, 1)
    order = torch.randperm(3000, generator=torch.Generator().manual_seed(seed))
    seen = losses_by_last(model, windows, windows[order])
    pairs = bigram_loss(prose.learned, prose.held_out[31:3032], 320)
    cut = {}
    for last in (4, 32):  # as the chapter tells in brackets: the last token's position comes along
        with torch.no_grad():
            logits = model(windows[:, 32 - last : 32])[:, -1]
        cut[last] = torch.nn.functional.cross_entropy(logits, windows[:, -1]).item()
    print(seed, seen, cut, pairs)
    assert cut[4] < cut[32] - 0.05
    assert seen[1] - seen[2] > 2 * (seen[2] - seen[32]) and abs(seen[4] - seen[32]) < 0.03
    assert seen[1] > pairs + 0.05 and seen[2] < pairs
