import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lessons.recurrence import (
    BahdanauDecoder,
    ConcatScore,
    Decoder,
    DotScore,
    Encoder,
    EncoderDecoder,
    GeneralScore,
    GlobalReader,
    LuongDecoder,
    MonotonicReader,
    PredictiveReader,
)
from lessons.recurrence.word_ids import PAD
from support import caught_by, same

WORDS, D_MODEL, RADIUS = 9, 4, 1
SOURCE = torch.tensor([[5, 6, 3, 8, 2], [4, 2, 0, 0, 0], [8, 7, 5, 2, 0]])
PREVIOUS = torch.tensor([[1, 4, 5, 6], [1, 6, 0, 0], [1, 3, 8, 7]])
READERS = {
    "dot": lambda: GlobalReader(DotScore(D_MODEL)),
    "general": lambda: GlobalReader(GeneralScore(D_MODEL)),
    "concat": lambda: GlobalReader(ConcatScore(D_MODEL)),
    "local-m": lambda: MonotonicReader(DotScore(D_MODEL), RADIUS),
    "local-p": lambda: PredictiveReader(GeneralScore(D_MODEL), D_MODEL, 2),
}
KINDS = [*READERS, "additive"]


def model_of(kind, decoder=None):
    torch.manual_seed(0)
    if decoder is None and kind == "additive":
        decoder = BahdanauDecoder(WORDS, D_MODEL)
    elif decoder is None:
        decoder = LuongDecoder(WORDS, D_MODEL, READERS[kind]())
    model = EncoderDecoder(Encoder(WORDS, D_MODEL), decoder).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)  # sharper weights, in which a wrong order shows
    return model


def gru(cell, x, state):
    """A step of a GRU by its formulas; `cell` has the weights of torch's layer or cell."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    suffix = "" if isinstance(cell, nn.GRUCell) else "_l0"
    wi, wh, bi, bh = (getattr(cell, name + suffix) for name in names)
    (r, z, n), (r2, z2, n2) = (wi @ x + bi).chunk(3), (wh @ state + bh).chunk(3)
    update = torch.sigmoid(z + z2)
    return (1 - update) * torch.tanh(n + torch.sigmoid(r + r2) * n2) + update * state


def score_of(kind, decoder, state, h):
    """The score of one pair, by the papers' formulas."""
    score = getattr(getattr(decoder, "reader", None), "score", None)
    if kind in ("dot", "local-m"):
        return state @ h
    if kind in ("general", "local-p"):
        return state @ score.weight @ h
    if kind == "concat":
        return torch.tanh(torch.cat([state, h]) @ score.weight) @ score.to_score
    return torch.tanh(state @ decoder.to_query + h @ decoder.to_key) @ decoder.to_score


def weights_by_hand(kind, decoder, state, states, t):
    """The weights of one step over the words of one sentence; `states` has no padding."""
    scores = torch.stack([score_of(kind, decoder, state, h) for h in states])
    places = torch.arange(len(states))
    if kind == "local-m":
        center = min(t, len(states) - 1)
        scores[(places - center).abs() > RADIUS] = -torch.inf
    if kind != "local-p":
        return scores.softmax(dim=0)
    reader = decoder.reader
    hidden = torch.tanh(state @ reader.to_hidden)
    center = len(states) * torch.sigmoid(hidden @ reader.to_center)
    scores[(places - center).abs() > 2] = -torch.inf
    return scores.softmax(dim=0) * torch.exp(-((places - center) ** 2) / 2)


def by_hand(kind, model, source, previous):
    """One sentence, one word after the other, in the order of the papers."""
    decoder = model.decoder
    memory = model.encoder(source[None])
    states, state = memory.states[0], memory.last[0, 0]
    logits, all_weights = [], []
    for t, word in enumerate(previous):
        x = decoder.embedding.weight[word]
        if kind == "additive":
            weights = weights_by_hand(kind, decoder, state, states, t)  # s_{t-1} asks
            context = weights @ states
            state = gru(decoder.cell, torch.cat([x, context]), state)
        else:
            state = gru(decoder.layer, x, state)
            weights = weights_by_hand(kind, decoder, state, states, t)  # s_t asks
            context = weights @ states
        attentional = torch.tanh(decoder.combine(torch.cat([context, state])))
        logits.append(decoder.to_word(attentional))
        all_weights.append(weights)
    return torch.stack(logits), torch.stack(all_weights)


def check_agrees_with_the_loop(kind, model):
    logits, weights = model(SOURCE, PREVIOUS)
    for row, (source, previous) in enumerate(zip(SOURCE, PREVIOUS, strict=True)):
        words = source[source != PAD]
        expected = by_hand(kind, model, words, previous)
        same(logits[row], expected[0])
        same(weights[row, :, : len(words)], expected[1])
        assert (weights[row, :, len(words) :] == 0).all()


def check_word_by_word_is_the_same(kind, model):
    """Given one word at a time, with the state handed on, it says what it says to all at once."""
    logits, weights = model(SOURCE, PREVIOUS)
    memory = model.encoder(SOURCE)
    state = memory.last
    for t in range(PREVIOUS.shape[1]):
        one, looked, state = model.decoder(PREVIOUS[:, t : t + 1], memory, state, t)
        same(one[:, 0], logits[:, t])
        same(looked[:, 0], weights[:, t])


def check_padding_has_no_influence(kind, model):
    logits, _ = model(SOURCE, PREVIOUS)
    longer, _ = model(F.pad(SOURCE, (0, 3), value=PAD), PREVIOUS)
    same(longer, logits)
    memory = model.encoder(SOURCE)
    noise = torch.where(memory.visible[..., None], memory.states, torch.tensor(1e3).double())
    noisy, _, _ = model.decoder(PREVIOUS, memory._replace(states=noise), memory.last)
    same(noisy, logits)


def check_who_asks(kind, model):
    """Weights of step t: Bahdanau's do not know the word before (s_{t-1} asks), Luong's do."""
    changed = PREVIOUS.clone()
    changed[:, -1] = 3
    _, before = model(SOURCE, PREVIOUS)
    _, after = model(SOURCE, changed)
    same(after[:, :-1], before[:, :-1])
    unmoved = torch.allclose(after[:, -1], before[:, -1], rtol=0, atol=1e-9)
    assert unmoved == (kind == "additive")


class BahdanauAsksWithTheNewState(BahdanauDecoder):
    """The wrong claim that Bahdanau scores with s_t: a step without context, then a look."""

    def forward(self, previous, memory, state, first=0):
        hidden, found, looked = state[0], [], []
        for word in self.embedding(previous).unbind(dim=1):
            blank = torch.zeros_like(hidden)
            context, weights = self.look(self.cell(torch.cat([word, blank], -1), hidden), memory)
            hidden = self.cell(torch.cat([word, context], dim=-1), hidden)
            found.append(torch.cat([context, hidden], dim=-1))
            looked.append(weights)
        logits = self.to_word(torch.tanh(self.combine(torch.stack(found, dim=1))))
        return logits, torch.stack(looked, dim=1), hidden[None]


class LuongAsksWithThePreviousState(LuongDecoder):
    def forward(self, previous, memory, state, first=0):
        states, last = self.layer(self.embedding(previous), state)
        asking = torch.cat([state.transpose(0, 1), states[:, :-1]], dim=1)
        context, weights = self.reader(asking, memory, first)
        attentional = torch.tanh(self.combine(torch.cat([context, states], dim=-1)))
        return self.to_word(attentional), weights, last


class LuongForgetsThePlace(LuongDecoder):
    def forward(self, previous, memory, state, first=0):
        return super().forward(previous, memory, state, 0)


class LuongReadsPadding(LuongDecoder):
    def forward(self, previous, memory, state, first=0):
        blind = memory._replace(visible=torch.ones_like(memory.visible))
        return super().forward(previous, blind, state, first)


def luong(decoder_class, kind="dot"):
    return kind, lambda: decoder_class(WORDS, D_MODEL, READERS[kind]())


NEW_STATE = "additive", lambda: BahdanauAsksWithTheNewState(WORDS, D_MODEL)
CATCHES = {
    check_agrees_with_the_loop: [
        NEW_STATE,
        luong(LuongAsksWithThePreviousState),
        luong(LuongReadsPadding),
        luong(LuongReadsPadding, "local-m"),
    ],
    check_word_by_word_is_the_same: [luong(LuongForgetsThePlace, "local-m")],
    check_padding_has_no_influence: [luong(LuongReadsPadding), luong(LuongReadsPadding, "local-p")],
    check_who_asks: [NEW_STATE, luong(LuongAsksWithThePreviousState)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", CATCHES)
def test_decoders(check, kind):
    with torch.no_grad():
        check(kind, model_of(kind))


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_broken_decoders_are_caught(check, mutant):
    kind, build = mutant
    with torch.no_grad(), pytest.raises(AssertionError):
        check(kind, model_of(kind, build()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_learns(kind):
    model = model_of(kind)
    logits, _ = model(SOURCE, PREVIOUS)
    logits.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 1e-9, name


def test_local_weights_stay_in_their_window():
    for kind in ("local-m", "local-p"):
        model = model_of(kind)
        with torch.no_grad():
            _, weights = model(SOURCE[:1], PREVIOUS[:1])
        if kind == "local-m":
            places = torch.arange(5) - torch.arange(4)[:, None]
            assert (weights[0][places.abs() > RADIUS] == 0).all()
            same(weights.sum(dim=-1), torch.ones(1, 4, dtype=torch.float64))
        else:
            assert (weights.sum(dim=-1) < 1).all()


def test_a_plain_decoder_has_no_weights():
    model = model_of("none", Decoder(WORDS, D_MODEL))
    assert model(SOURCE, PREVIOUS)[1] is None
