"""BERT's corruption asks about 15 %, in the shares 80/10/10; the loss is transformers' own."""

import pytest
import torch
from hypothesis import given, strategies as st
from transformers import BertConfig, BertForMaskedLM

from lessons.families import choose_tokens, fates, mask_tokens, masked_loss
from lessons.families.encoders.masking import IGNORED, Masked
from lessons.foundations import wilson_interval
from support import caught_by, few, same

MASK, VOCAB, TOKENS = 4, 1000, 200_000


def corrupt(**changes) -> tuple[torch.Tensor, torch.Tensor, Masked]:
    """Corrupt a long random text in which each tenth token is special."""
    seed = changes.pop("seed", 0)
    ids = torch.randint(5, VOCAB, (TOKENS,), generator=torch.Generator().manual_seed(7))
    special = torch.arange(TOKENS) % 10 == 0
    generator = torch.Generator().manual_seed(seed)
    options = dict(special=special, mask=MASK, vocab=VOCAB, generator=generator) | changes
    return ids, special, mask_tokens(ids, **options)


def is_near(hits: torch.Tensor, among: torch.Tensor, share: float) -> bool:
    """Say whether a share lies in the 99.99 % interval of what was counted."""
    low, high = wilson_interval(int((hits & among).sum()), int(among.sum()), z=3.89)
    return low < share < high


def check_share(ids, special, masked):
    assert is_near(masked.chosen, ~special, 0.15)


def check_special_tokens_are_left(ids, special, masked):
    assert not (masked.chosen & special).any()


def check_only_asked_tokens_change(ids, special, masked):
    assert torch.equal(masked.shown[~masked.chosen], ids[~masked.chosen])


def check_labels(ids, special, masked):
    assert torch.equal(masked.labels, torch.where(masked.chosen, ids, IGNORED))


def check_eighty(ids, special, masked):
    assert is_near(masked.shown == MASK, masked.chosen, 0.8 + 0.1 / VOCAB)


def check_ten_random(ids, special, masked):
    changed = (masked.shown != ids) & (masked.shown != MASK)
    assert is_near(changed, masked.chosen, 0.1 * (1 - 2 / VOCAB))


def check_random_tokens_are_any(ids, special, masked):
    """Among a thousand tokens and three thousand draws, nearly every token comes up."""
    changed = (masked.shown != ids) & (masked.shown != MASK)
    assert len(masked.shown[changed].unique()) > 0.85 * VOCAB


CHECKS = (
    check_share,
    check_special_tokens_are_left,
    check_only_asked_tokens_change,
    check_labels,
    check_eighty,
    check_ten_random,
    check_random_tokens_are_any,
)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("seed", range(5))
def test_masking(check, seed):
    check(*corrupt(seed=seed))


def masks_all(ids, special, masked):
    return masked._replace(shown=torch.where(masked.chosen, MASK, ids))


def masks_special_too(ids, special, masked):
    chosen = masked.chosen | special & (torch.arange(TOKENS) % 60 == 0)
    return masked._replace(chosen=chosen)


def asks_about_all(ids, special, masked):
    return masked._replace(labels=ids)


def asks_about_masks_only(ids, special, masked):
    return masked._replace(chosen=masked.shown == MASK)


def exchanges_for_one_token(ids, special, masked):
    changed = (masked.shown != ids) & (masked.shown != MASK)
    return masked._replace(shown=torch.where(changed, 9, masked.shown))


def changes_others(ids, special, masked):
    return masked._replace(shown=masked.shown.roll(1))


MASKING_CATCHES = {
    check_share: [asks_about_masks_only],
    check_special_tokens_are_left: [masks_special_too],
    check_only_asked_tokens_change: [changes_others, asks_about_masks_only],
    check_labels: [asks_about_all],
    check_eighty: [masks_all, asks_about_masks_only],
    check_ten_random: [masks_all],
    check_random_tokens_are_any: [exchanges_for_one_token],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(MASKING_CATCHES))
def test_broken_masking_is_caught(check, mutant):
    ids, special, masked = corrupt()
    with pytest.raises(AssertionError):
        check(ids, special, mutant(ids, special, masked))


def test_by_hand():
    asked = choose_tokens(torch.tensor([0.40, 0.07, 0.12]), special=torch.zeros(3).bool())
    assert asked.tolist() == [False, True, True]
    assert fates(torch.tensor([0.83, 0.31, 0.8, 0.9, 0.0])).tolist() == [1, 0, 1, 2, 0]
    chances = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.25, 0.75]], dtype=torch.float64)
    loss = masked_loss(chances.log(), torch.tensor([IGNORED, 0, 0]))
    same(loss, torch.tensor([0.5, 0.25], dtype=torch.float64).log().neg().mean())


@few
@given(rows=st.integers(1, 3), tokens=st.integers(2, 6), seed=st.integers(0, 99))
def test_loss_is_that_of_transformers(rows, tokens, seed):
    torch.manual_seed(seed)
    sizes = dict(vocab_size=11, hidden_size=8, num_attention_heads=2, intermediate_size=12)
    model = BertForMaskedLM(BertConfig(num_hidden_layers=1, **sizes)).double().eval()
    ids = torch.randint(11, (rows, tokens))
    labels = torch.where(torch.rand(rows, tokens) < 0.5, ids, IGNORED)
    labels[0, 0] = ids[0, 0]
    with torch.no_grad():
        output = model(ids, labels=labels)
    same(masked_loss(output.logits, labels), output.loss)
    with pytest.raises(AssertionError):  # the mean over all tokens is another number
        same(masked_loss(output.logits, ids) + 1e-9, output.loss)


def test_bad_input():
    special = torch.zeros(2).bool()
    for share in (0.0, 1.0, 15.0):
        with pytest.raises(ValueError, match="pass a number between 0 and 1"):
            choose_tokens(torch.rand(2), special=special, share=share)
    with pytest.raises(ValueError, match="no token is asked about"):
        masked_loss(torch.zeros(2, 3), torch.tensor([IGNORED, IGNORED]))
