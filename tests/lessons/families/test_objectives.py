"""Losses equal transformers', entropy is entropy, and the bug is a bug."""

import math

import pytest
import torch
from hypothesis import given, strategies as st
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.families import (
    from_transformers,
    next_token_loss,
    same_token_loss,
    shifted_cross_entropy,
    unigram_entropy,
    unshifted_cross_entropy,
)
from support import few, proofs, same


def drawn(batch, tokens, vocab, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(batch, tokens, vocab, dtype=torch.float64, generator=generator)
    labels = torch.randint(vocab, (batch, tokens), generator=generator)
    return logits, labels


def check_by_hand(loss):
    """The chapter's three tokens: 1/2 for cat after the, 1/4 for sat after cat."""
    chances = torch.tensor([[[0.2, 0.5, 0.3], [0.7, 0.05, 0.25], [0.4, 0.3, 0.3]]]).double()
    expected = (math.log(2) + math.log(4)) / 2
    assert loss(chances.log(), torch.tensor([[0, 1, 2]])).item() == pytest.approx(
        expected, abs=1e-6
    )


def check_ignored(loss):
    """Each scored place counts once, whatever else its row holds."""
    logits, labels = drawn(2, 5, 7)
    labels[1, 3:] = -100
    chances = logits.log_softmax(-1)
    scored = [-chances[0, t, labels[0, t + 1]] for t in range(4)]
    scored += [-chances[1, t, labels[1, t + 1]] for t in range(2)]
    same(loss(logits, labels), torch.stack(scored).mean())


def check_the_last_logits_do_not_count(loss):
    logits, labels = drawn(1, 4, 5)
    changed = logits.clone()
    changed[:, -1] += torch.randn(5, dtype=torch.float64)
    same(loss(changed, labels), loss(logits, labels))


def shifted_the_wrong_way(logits, labels):
    return torch.nn.functional.cross_entropy(logits[:, 1:].flatten(0, 1), labels[:, :-1].flatten())


def mean_of_row_means(logits, labels):
    rows = [shifted_cross_entropy(a[None], b[None]) for a, b in zip(logits, labels, strict=True)]
    return torch.stack(rows).mean()


MUTANTS = {
    check_by_hand: [unshifted_cross_entropy, shifted_the_wrong_way],
    check_ignored: [unshifted_cross_entropy, mean_of_row_means],
    check_the_last_logits_do_not_count: [unshifted_cross_entropy],
}


test_the_shifted_loss, test_a_wrong_loss_is_noticed = proofs(shifted_cross_entropy, MUTANTS)


@pytest.mark.parametrize("hidden", [0, 2])
def test_it_is_the_loss_of_transformers(prepared, hidden):
    config = GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=11, n_positions=6)
    theirs = prepared(GPT2LMHeadModel(config))
    theirs.loss_type = "ForCausalLM"
    ids = drawn(3, 6, 11)[1]
    labels = ids.clone()
    labels[1, 6 - hidden :] = -100
    ours = from_transformers(theirs)
    # transformers computes its loss in float32.
    expected = theirs(ids, labels=labels).loss.double()
    torch.testing.assert_close(
        shifted_cross_entropy(ours(ids), labels).double(), expected, rtol=0, atol=1e-6
    )
    if not hidden:
        same(next_token_loss(ours, ids), shifted_cross_entropy(ours(ids), ids))
    assert not torch.allclose(same_token_loss(ours, ids).double(), expected, atol=1e-3)


def test_what_cannot_be_scored_is_refused():
    logits, labels = drawn(2, 1, 3)
    with pytest.raises(ValueError, match="pass at least two"):
        shifted_cross_entropy(logits, labels)
    logits, labels = drawn(1, 3, 3)
    with pytest.raises(ValueError, match="not -100"):
        shifted_cross_entropy(logits, torch.full_like(labels, -100))


def check_entropy(entropy, counts):
    ids = torch.tensor([token for token, count in enumerate(counts) for _ in range(count)])
    total = sum(counts)
    expected = -sum(n / total * math.log(n / total) for n in counts if n)
    assert entropy(ids, len(counts)) == pytest.approx(expected, abs=1e-12)


@few
@given(counts=st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(sum))
def test_unigram_entropy(counts):
    check_entropy(unigram_entropy, counts)


def test_unigram_entropy_in_bits_is_noticed():
    with pytest.raises(AssertionError):
        check_entropy(lambda ids, vocab: unigram_entropy(ids, vocab) / math.log(2), [3, 1, 0])
    with pytest.raises(ValueError, match="empty"):
        unigram_entropy(torch.tensor([], dtype=torch.long), 3)


def test_no_context_free_guess_beats_the_unigram_entropy():
    ids = torch.tensor([[0, 1, 1, 2, 1, 0, 1]])
    entropy = unigram_entropy(ids[:, 1:], 3)
    best = torch.tensor([1 / 6, 4 / 6, 1 / 6]).double().log()
    other = torch.tensor([0.3, 0.4, 0.3]).double().log()
    losses = [shifted_cross_entropy(guess.expand(1, 7, 3), ids).item() for guess in (best, other)]
    assert losses[0] == pytest.approx(entropy, abs=1e-6) and losses[1] > entropy + 0.01
