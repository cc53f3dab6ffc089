"""What the chapters claim of their trained translators holds for five seeds."""

from functools import partial

import pytest
import torch
from torch import nn

from lessons.fit import fit
from lessons.recurrence import (
    BahdanauDecoder,
    Decoder,
    DotScore,
    Encoder,
    EncoderDecoder,
    GlobalReader,
    LuongDecoder,
    aligned,
    draw_batch,
    exact_match,
    forced_right,
    fragment,
    free_right,
    moved_words,
    strongest,
    teacher_forcing_loss,
    translate,
    words_of,
)

ENGLISH, FRENCH = map(len, fragment())
SEEDS = range(5)


def held_out(phrases, size=150):
    return draw_batch(torch.Generator().manual_seed(1000 + phrases), size=size, phrases=[phrases])


def trained(decoder, d_model, layer=nn.GRU, *, seed, size, steps, learning_rate):
    model = EncoderDecoder(Encoder(ENGLISH, d_model, layer), decoder)
    draw = partial(draw_batch, size=size, phrases=[1, 2, 3], talk=0.3)
    fit(model, draw, teacher_forcing_loss, steps=steps, learning_rate=learning_rate, seed=seed)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_without_attention_accuracy_falls_with_length(seed):
    torch.manual_seed(seed)
    decoder = Decoder(FRENCH, 96, nn.LSTM)
    settings = {"size": 32, "steps": 400, "learning_rate": 0.008}
    model = trained(decoder, 96, nn.LSTM, seed=seed, **settings)
    exact = {phrases: exact_match(model, held_out(phrases)) for phrases in (1, 3)}
    assert exact[1] > 0.9 and exact[3] < exact[1] - 0.5
    assert translate(model, "Hello, how are you?") == "Bonjour, comment ça va ?"
    batch = held_out(3)
    at = words_of(batch)[:, 8]
    forced, free = (right(model, batch)[:, 8][at] for right in (forced_right, free_right))
    assert free.float().mean() < forced.float().mean() - 0.2
    assert forced_right(model, batch)[words_of(batch)].float().mean() > 0.7


DECODERS = {
    "dot": lambda: LuongDecoder(FRENCH, 48, GlobalReader(DotScore(48))),
    "additive": lambda: BahdanauDecoder(FRENCH, 48),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DECODERS)
def test_with_attention_it_does_not(name, seed):
    torch.manual_seed(seed)
    settings = {"size": 24, "steps": 250, "learning_rate": 0.015}
    model = trained(DECODERS[name](), 48, seed=seed, **settings)
    batch = held_out(3)
    assert exact_match(model, batch) > 0.6
    with torch.no_grad():
        logits, weights = model(batch.source, batch.previous)
    places, words = strongest(weights), words_of(batch)
    if name == "dot":
        assert aligned(places, batch, moved_words(batch)) > 0.75
    else:
        elsewhere = words & (places != batch.alignment)
        assert elsewhere.sum() > 50
        assert (logits.argmax(dim=-1) == batch.following)[elsewhere].float().mean() > 0.8
