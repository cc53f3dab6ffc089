import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch import nn

from lessons.recurrence import (
    BahdanauDecoder,
    Decoder,
    DotScore,
    Encoder,
    EncoderDecoder,
    GlobalReader,
    LuongDecoder,
    batch_of,
    exact_match,
    forced_right,
    free_right,
    teacher_forcing_loss,
    translate,
    write,
)
from lessons.recurrence.padded_pairs import ENGLISH, FRENCH
from lessons.recurrence.phrase_pairs import Pair
from lessons.recurrence.seq2seq import Memory
from lessons.recurrence.word_ids import END, PAD, START
from support import few, proofs, same

WORDS, D_MODEL = 9, 5
LAYERS = (nn.RNN, nn.GRU, nn.LSTM)
SOURCE = torch.tensor([[5, 6, 3, 2], [4, 2, 0, 0], [8, 7, 2, 0]])
PREVIOUS = torch.tensor([[1, 4, 5], [1, 6, 0], [1, 3, 8]])


def model_of(layer=nn.GRU, decoder=None, seed=0):
    torch.manual_seed(seed)
    decoder = decoder or Decoder(WORDS, D_MODEL, layer)
    return EncoderDecoder(Encoder(WORDS, D_MODEL, layer), decoder).double().eval()


def step(layer, state, x):
    """One step of torch's layer by its formulas, for one sequence."""
    own, other = layer.weight_ih_l0 @ x + layer.bias_ih_l0, layer.weight_hh_l0 @ state[0]
    if isinstance(layer, nn.RNN):
        return (torch.tanh(own + other + layer.bias_hh_l0),)
    if isinstance(layer, nn.GRU):
        r, z, n = own.chunk(3)
        r2, z2, n2 = (other + layer.bias_hh_l0).chunk(3)
        z = torch.sigmoid(z + z2)
        return ((1 - z) * torch.tanh(n + torch.sigmoid(r + r2) * n2) + z * state[0],)
    i, f, g, o = (own + other + layer.bias_hh_l0).chunk(4)
    cell = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


@pytest.mark.parametrize("layer", LAYERS)
def test_it_reads_and_writes_word_by_word(layer):
    """A loop over the words of each sentence alone gives the states, the context, the logits."""
    model = model_of(layer)
    memory = model.encoder(SOURCE)
    logits, weights = model(SOURCE, PREVIOUS)
    assert weights is None
    for row, (source, previous) in enumerate(zip(SOURCE, PREVIOUS, strict=True)):
        state = (torch.zeros(D_MODEL, dtype=torch.float64),) * 2
        words = source[source != PAD]
        for place, word in enumerate(words):
            state = step(model.encoder.layer, state, model.encoder.embedding.weight[word])
            same(memory.states[row, place], state[0])
        last = memory.last if isinstance(memory.last, tuple) else (memory.last,)
        for found, expected in zip(last, state, strict=True):
            same(found[0, row], expected)
        for place, word in enumerate(previous):
            state = step(model.decoder.layer, state, model.decoder.embedding.weight[word])
            same(logits[row, place], model.decoder.to_word(state[0]))


def check_padding_is_not_read(encoder):
    longer = F.pad(SOURCE, (0, 3), value=PAD)
    same(encoder(longer).last, encoder(SOURCE).last)
    same(encoder(longer).states[:, :4], encoder(SOURCE).states)
    same(encoder(SOURCE[1:2, :2]).last[:, 0], encoder(SOURCE).last[:, 1])
    assert encoder(SOURCE).visible.equal(SOURCE != PAD)


class ReadsPadding(Encoder):
    def forward(self, source):
        states, last = self.layer(self.embedding(source))
        return Memory(states, source != PAD, last)


def test_padding_is_not_read():
    check_padding_is_not_read(model_of().encoder)
    with pytest.raises(AssertionError):
        check_padding_is_not_read(ReadsPadding(WORDS, D_MODEL).double())


def check_the_context_is_the_only_channel(model):
    memory = model.encoder(SOURCE)
    logits, _, _ = model.decoder(PREVIOUS, memory, memory.last)
    wiped = memory._replace(states=torch.randn_like(memory.states))
    same(model.decoder(PREVIOUS, wiped, memory.last)[0], logits)
    other = model.decoder(PREVIOUS, memory, memory.last.roll(1, dims=1))[0]
    assert not torch.allclose(other, logits, atol=1e-3)


def test_the_context_is_the_only_channel():
    check_the_context_is_the_only_channel(model_of())


class IgnoresContext(Decoder):
    def forward(self, previous, memory, state, first=0):
        return super().forward(previous, memory, torch.zeros_like(state), first)


@pytest.mark.parametrize(
    "decoder",
    [
        LuongDecoder(WORDS, D_MODEL, GlobalReader(DotScore(D_MODEL))),
        BahdanauDecoder(WORDS, D_MODEL),
        IgnoresContext(WORDS, D_MODEL),
    ],
)
def test_another_channel_is_noticed(decoder):
    with pytest.raises(AssertionError):
        check_the_context_is_the_only_channel(model_of(decoder=decoder))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_context_is_as_long_for_long_sentences(layer):
    encoder = model_of(layer).encoder
    short, long = (encoder(torch.tensor([[5] * n + [END]])).last for n in (1, 30))
    for a, b in zip(short, long, strict=True):
        assert a.shape == b.shape


def test_the_loss_is_the_mean_surprise_of_the_right_words():
    torch.manual_seed(0)
    model = EncoderDecoder(Encoder(len(ENGLISH), 4), Decoder(len(FRENCH), 4)).double()
    pairs = [Pair(("my", "cats"), ("mes", "chats"), (0, 1)), Pair(("cats",), ("chats",), (0,))]
    batch = batch_of(pairs)
    logits, _ = model(batch.source, batch.previous)
    surprises = []
    for row, words in zip(logits.log_softmax(dim=-1), batch.following.tolist(), strict=True):
        surprises += [-row[place, word] for place, word in enumerate(words) if word != PAD]
    assert len(surprises) == 5
    same(teacher_forcing_loss(model, batch), torch.stack(surprises).mean())


class Scripted(nn.Module):
    """A decoder that says what it is told: row by row, whatever came before."""

    def __init__(self, script):
        super().__init__()
        self.script = torch.tensor(script)
        self.seen = []

    def forward(self, previous, memory, state, first=0):
        self.seen.append(previous[:, 0].tolist())
        said = self.script[:, first : first + 1]
        return F.one_hot(said, WORDS).double(), None, state


def memory_of(rows):
    return Memory(torch.zeros(rows, 1, 1), torch.ones(rows, 1, dtype=torch.bool), None)


def check_writing(write):
    decoder = Scripted([[5, 2, 7, 7, 7], [4, 6, 8, 2, 3]])
    assert write(decoder, memory_of(2), 5).tolist() == [[5, 2, 0, 0], [4, 6, 8, 2]]
    assert decoder.seen[:2] == [[START, START], [5, 4]] and decoder.seen[2][1] == 6
    assert write(Scripted([[5, 6, 7, 8]]), memory_of(1), 3).tolist() == [[5, 6, 7]]
    assert write(Scripted([[2, 6, 7, 8]]), memory_of(1), 3).tolist() == [[2]]


def written(decoder, memory, limit, *, stop=True, silent=True, feed=True):
    word = torch.full((len(memory.visible), 1), START)
    ended, words = torch.zeros_like(word, dtype=torch.bool), []
    for place in range(limit):
        said = decoder(word, memory, None, place)[0].argmax(dim=-1)
        said = said.masked_fill(ended, PAD) if silent else said
        word = said if feed else word
        ended = ended | (said == END)
        words.append(said)
        if stop and ended.all():
            break
    return torch.cat(words, dim=1)


def goes_on_after_the_end(decoder, memory, limit):
    return written(decoder, memory, limit, stop=False)


def talks_after_the_end(decoder, memory, limit):
    return written(decoder, memory, limit, silent=False)


def does_not_hear_itself(decoder, memory, limit):
    return written(decoder, memory, limit, feed=False)


def writes_one_more(decoder, memory, limit):
    return written(decoder, memory, limit + 1)


WRITING = {
    check_writing: [
        goes_on_after_the_end,
        talks_after_the_end,
        does_not_hear_itself,
        writes_one_more,
    ]
}


test_writing, test_broken_writing_is_caught = proofs(write, WRITING)


def test_what_is_written_is_the_same():
    check_writing(written)


def test_no_limit_is_refused():
    with pytest.raises(ValueError, match="at least 1 word"):
        write(Decoder(WORDS, D_MODEL), memory_of(1), 0)


@few
@given(seed=st.integers(0, 2**16), layer=st.sampled_from(LAYERS))
def test_writing_is_greedy(seed, layer):
    """Each word is the likeliest after the words before, computed anew from the start."""
    model = model_of(layer, seed=seed)
    words = write(model.decoder, model.encoder(SOURCE[:1]), 6)[0].tolist()
    for place, word in enumerate(words):
        logits, _ = model(SOURCE[:1], torch.tensor([[START, *words[:place]]]))
        assert logits[0, -1].argmax() == word
    assert END not in words[:-1] and (len(words) == 6 or words[-1] == END)


class Reader(nn.Module):
    def forward(self, source):
        return memory_of(len(source))


class Copier(EncoderDecoder):
    """A model that knows the answers, but for those words that `mistaken` holds."""

    def __init__(self, batch, mistaken):
        super().__init__(Reader(), Prompter(batch.following, mistaken))


class Prompter(nn.Module):
    def __init__(self, following, mistaken):
        super().__init__()
        self.following, self.mistaken = following, mistaken

    def forward(self, previous, memory, state, first=0):
        said = self.following[:, first : first + previous.shape[1]].clone()
        said[torch.isin(previous, self.mistaken)] = 9
        return F.one_hot(said, len(FRENCH)).float(), None, state


def test_what_is_right_with_and_without_a_teacher():
    """One word leads astray; forced, the harm ends with the next word; free, it would go on."""
    pairs = [
        Pair(("my", "cats", "like", "dogs"), ("mes", "chats", "aiment", "chiens"), (0, 1, 2, 3)),
        Pair(("dogs",), ("chiens",), (0,)),
    ]
    batch = batch_of(pairs)
    bad = torch.tensor([FRENCH.ids["mes"], 9])
    model = Copier(batch, bad)
    real = batch.following != PAD
    assert forced_right(model, batch)[real].tolist() == [True, False, True, True, True, True, True]
    assert free_right(model, batch)[real].tolist() == [True, *[False] * 4, True, True]
    assert exact_match(model, batch) == 0.5
    assert exact_match(Copier(batch, torch.tensor([-1])), batch) == 1.0


def test_a_translation_that_ends_early_is_wrong():
    batch = batch_of([Pair(("my", "cats"), ("mes", "chats"), (0, 1))])
    silent = Copier(batch, torch.tensor([-1]))
    silent.decoder.following = torch.full_like(batch.following, END)
    assert free_right(silent, batch).tolist() == [[False, False, False]]


def test_a_sentence_is_translated():
    batch = batch_of([Pair(("hello", ","), ("bonjour", ",", "où", "?"), (0, 1, 0, 0))])
    assert translate(Copier(batch, torch.tensor([-1])), "Hello,") == "Bonjour, où ?"
    assert translate(Copier(batch, torch.tensor([-1])), "Hello,", limit=2) == "Bonjour,"


def test_parameters_do_not_grow_with_the_sentence():
    """The same weights serve each word: the counts follow from the sizes alone."""
    for layer, gates in zip(LAYERS, (1, 3, 4), strict=True):
        one = gates * (2 * D_MODEL**2 + 2 * D_MODEL)
        expected = 2 * one + 2 * WORDS * D_MODEL + WORDS * D_MODEL + WORDS
        assert sum(p.numel() for p in model_of(layer).parameters()) == expected


def test_the_teacher_s_words_count():
    """Changing a previous word changes the logits from its place on, and none before."""
    model = model_of()
    logits, _ = model(SOURCE, PREVIOUS)
    for place, word in itertools.product(range(3), (3, 7)):
        changed = PREVIOUS.clone()
        changed[:, place] = word
        other, _ = model(SOURCE, changed)
        same(other[:, :place], logits[:, :place])
        moved = changed[:, place] != PREVIOUS[:, place]
        assert not torch.allclose(other[moved, place], logits[moved, place], atol=1e-6)
