import torch
from torch import nn

from lessons.recurrence import (
    BahdanauDecoder,
    Decoder,
    DotScore,
    Encoder,
    EncoderDecoder,
    GlobalReader,
    LuongDecoder,
    draw_batch,
    follow_states_or_context,
    right_without,
    words_of,
)
from lessons.recurrence.padded_pairs import ENGLISH, FRENCH

BATCH = draw_batch(torch.Generator().manual_seed(0), size=12, phrases=[1, 2])


def model_of(decoder):
    torch.manual_seed(0)
    return EncoderDecoder(Encoder(len(ENGLISH), 8), decoder).eval()


class FollowsTheStates(nn.Module):
    """Says where the states point to, and forgets the context at once."""

    def forward(self, previous, memory, state, first=0):
        logits = memory.states[:, first : first + previous.shape[1], : len(FRENCH)]
        return logits, None, state


def test_a_decoder_without_attention_follows_the_context():
    states, context = follow_states_or_context(model_of(Decoder(len(FRENCH), 8)), BATCH)
    assert context == 1 and states < 1


def test_a_decoder_that_knows_the_states_alone_follows_them():
    torch.manual_seed(0)
    model = EncoderDecoder(Encoder(len(ENGLISH), len(FRENCH)), FollowsTheStates()).eval()
    rows = BATCH.source[:, :1].expand(-1, 40).contiguous()  # long enough for every limit
    states, context = follow_states_or_context(model, BATCH._replace(source=rows))
    assert states == 1 and context < 1


def test_only_the_named_states_are_blanked():
    model = model_of(LuongDecoder(len(FRENCH), 8, GlobalReader(DotScore(8))))
    words = words_of(BATCH)
    seen = []
    model.decoder.register_forward_pre_hook(lambda module, given: seen.append(given[1].states))
    right_without(model, BATCH, words, BATCH.alignment)
    rows, places = words.nonzero(as_tuple=True)
    before = model.encoder(BATCH.source[rows]).states
    changed = (seen[0] != before).any(dim=-1)
    assert changed.sum(dim=1).eq(1).all()
    assert changed.int().argmax(dim=1).equal(BATCH.alignment[rows, places])


def test_without_blanks_it_is_what_the_forced_model_gets_right():
    model = model_of(BahdanauDecoder(len(FRENCH), 8))
    words = words_of(BATCH)
    logits, _ = model(BATCH.source, BATCH.previous)
    right = (logits.argmax(dim=-1) == BATCH.following)[words].float().mean().item()
    assert right_without(model, BATCH, words) == right
