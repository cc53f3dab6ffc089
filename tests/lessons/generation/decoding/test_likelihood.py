"""The likelihood of a text: by hand, step by step, and as transformers' loss."""

import math

import pytest
import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.families import DecoderOnly, Embedding, from_transformers
from lessons.generation import Cached, beam_search, log_probability


@pytest.fixture
def pair(prepared):
    theirs = prepared(GPT2LMHeadModel(GPT2Config(vocab_size=11, n_embd=12, n_layer=2, n_head=3)))
    return theirs, from_transformers(theirs)


def test_by_hand():
    table = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    model = DecoderOnly(Embedding(3, 3), [], nn.Identity(), nn.Identity())
    model.embed.tokens.weight.data = table.log()
    start = torch.tensor([[2, 0]])  # the model looks at the last token only
    assert math.exp(log_probability(model, start, [1, 2, 0])) == pytest.approx(0.25 * 0.7 * 0.3)


def test_equals_transformers_loss_and_the_sum_over_steps(pair):
    theirs, ours = pair
    text = torch.randint(0, 11, (1, 9), generator=torch.Generator().manual_seed(0))
    got = log_probability(ours, text[:, :4], text[0, 4:].tolist())
    with torch.no_grad():
        said = theirs(text).logits.log_softmax(-1)[0, 3:8]
        assert got == pytest.approx(said[range(5), text[0, 4:]].sum().item(), abs=1e-10)
        session, steps = Cached(ours, 9), 0.0
        logits = session.advance(text[:, :4])
        for token in text[0, 4:]:
            steps += logits.log_softmax(-1)[0, token].item()
            logits = session.advance(token[None, None])
    assert got == pytest.approx(steps, abs=1e-10)
    # The broken variant: read each distribution at the token itself, one too late.
    late = sum(ours(text).log_softmax(-1)[0, range(4, 9), text[0, 4:]].tolist())
    assert abs(late - got) > 0.1


def test_is_the_score_of_a_beam(pair):
    _, ours = pair
    prompt = torch.tensor([[1, 2]])
    for beam in beam_search(ours, prompt, beams=3, max_new_tokens=5, length_penalty=0.0):
        assert log_probability(ours, prompt, beam.tokens) == pytest.approx(beam.score, abs=1e-10)


def test_bad_input(pair):
    _, ours = pair
    for prompt, new in ((torch.zeros(1, 0, dtype=torch.long), [1]), (torch.tensor([[1]]), [])):
        with pytest.raises(ValueError, match="pass at least one token of each"):
            log_probability(ours, prompt, new)
