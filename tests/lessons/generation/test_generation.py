"""Generation gives transformers' tokens, with and without a cache."""

import math
from functools import partial

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation.logits_process import (
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from lessons.attention import padding_mask
from lessons.families import DecoderOnly, Embedding, from_transformers, transformer2017
from lessons.generation import (
    Cached,
    KeyValueCache,
    Uncached,
    beam_search,
    cache_bytes,
    greedy,
    keep_top_k,
    keep_top_p,
    sample,
    scale_by_temperature,
)

few = settings(deadline=None, max_examples=15)
VOCAB = 11


def gpt2():
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCAB,
            n_embd=12,
            n_layer=2,
            n_head=3,
            n_positions=32,
            bos_token_id=1,
            eos_token_id=None,
        )
    )


def llama():
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCAB,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            intermediate_size=20,
            eos_token_id=None,
        )
    )


def t5():
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=VOCAB,
            d_model=12,
            d_kv=4,
            num_layers=2,
            num_heads=3,
            d_ff=20,
            decoder_start_token_id=0,
            eos_token_id=None,
        )
    )


def texts(batch, tokens, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(4, VOCAB, (batch, tokens), generator=generator)


@pytest.fixture
def pair(prepared):
    """A function that returns transformers' model, and ours, ready to write."""

    def make(kind, seed, batch=2):
        theirs = prepared(kind(), seed)
        ours = from_transformers(theirs)
        ids = texts(batch, 6, seed)
        if kind is t5:
            with torch.no_grad():
                return theirs, ours.read(ids), ids, torch.zeros(batch, 1, dtype=torch.long)
        return theirs, ours, ids, ids

    return make


def trimmed(tokens, end):
    """Tokens up to the end token, that included."""
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens


def theirs_new(theirs, ids, prompt, end, **options):
    output = theirs.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        eos_token_id=end,
        pad_token_id=0 if end is None else end,
        **options,
    )
    return output[:, prompt.shape[1] :]


@pytest.mark.parametrize("kind", [gpt2, llama, t5])
@pytest.mark.parametrize("ending", [None, 0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_greedy_equals_transformers(pair, kind, ending, seed):
    """`ending`: which of the tokens that the model writes freely is declared the last one."""
    theirs, ours, ids, prompt = pair(kind, seed, batch=3)
    free = greedy(ours, prompt, max_new_tokens=12)
    end = None if ending is None else int(free[0, ending])
    expected = theirs_new(theirs, ids, prompt, end, max_new_tokens=12)
    for session in (Cached, Uncached):
        new = greedy(ours, prompt, max_new_tokens=12, end=end, session=session)
        assert torch.equal(new, expected)
    if end is not None:
        assert len(trimmed(new[0].tolist(), end)) <= ending + 1


@pytest.mark.parametrize("kind", [gpt2, llama, t5])
@pytest.mark.parametrize("ending", [None, 1, 4])
@pytest.mark.parametrize(("beams", "penalty"), [(2, 1.0), (4, 0.0), (5, 2.0)])
@pytest.mark.parametrize("seed", range(2))
def test_beam_equals_transformers(pair, kind, ending, beams, penalty, seed):
    theirs, ours, ids, prompt = pair(kind, seed, batch=1)
    options = dict(max_new_tokens=9, length_penalty=penalty)
    free = beam_search(ours, prompt, beams=beams, **options)
    end = None if ending is None else free[0].tokens[ending]
    expected = theirs_new(
        theirs, ids, prompt, end, num_beams=beams, num_return_sequences=beams, **options
    )
    for session in (Cached, Uncached):
        found = beam_search(ours, prompt, beams=beams, end=end, session=session, **options)
        tokens = [beam.tokens for beam in found]
        assert tokens == [trimmed(row[:9], end) for row in expected.tolist()]


def test_the_beams_above_end_at_several_lengths(pair):
    lengths = []
    for kind in (gpt2, llama, t5):
        _, ours, _, prompt = pair(kind, 0, batch=1)
        free = beam_search(ours, prompt, beams=4, max_new_tokens=9)
        found = beam_search(ours, prompt, beams=4, max_new_tokens=9, end=free[0].tokens[1])
        lengths += [len(beam.tokens) for beam in found]
    assert len(set(lengths)) >= 3
    assert max(lengths) == 9


def test_beam_by_hand():
    """A model that knows the last token only: greedy takes 0.6 and is left with 0.24."""
    probabilities = torch.tensor(
        [
            [0.0, 0.6, 0.4, 0.0],  # after the start
            [0.3, 0.4, 0.3, 0.0],  # after token 1
            [0.0, 0.0, 0.1, 0.9],  # after token 2
            [0.25, 0.25, 0.25, 0.25],
        ],
        dtype=torch.float64,
    )
    model = DecoderOnly(Embedding(4, 4), [], nn.Identity(), nn.Identity())
    model.embed.tokens.weight.data = probabilities.log()
    start = torch.tensor([[0]])
    assert greedy(model, start, max_new_tokens=2).tolist() == [[1, 1]]
    first, second = beam_search(model, start, beams=2, max_new_tokens=2, length_penalty=0.0)
    assert (first.tokens, second.tokens) == ([2, 3], [1, 1])
    assert math.exp(first.score) == pytest.approx(0.36)
    assert math.exp(second.score) == pytest.approx(0.24)


def test_the_2017_transformer_writes_too():
    torch.manual_seed(1)
    model = transformer2017(vocab=VOCAB, d_model=8, heads=2, d_ff=16, layers=2).double()
    with torch.no_grad():
        reading = model.read(texts(2, 5))
    start = torch.zeros(2, 1, dtype=torch.long)
    cached = greedy(reading, start, max_new_tokens=9)
    assert torch.equal(cached, greedy(reading, start, max_new_tokens=9, session=Uncached))


def test_one_beam_is_greedy(pair):
    for seed in range(3):
        _, ours, _, prompt = pair(gpt2, seed, batch=1)
        [only] = beam_search(ours, prompt, beams=1, max_new_tokens=9)
        assert [only.tokens] == greedy(ours, prompt, max_new_tokens=9).tolist()


def test_beam_finds_better_than_greedy(pair):
    _, ours, _, prompt = pair(gpt2, 0, batch=1)
    scores = [beam_search(ours, prompt, beams=beams, max_new_tokens=6)[0].score for beams in (1, 4)]
    assert scores[1] >= scores[0]
    wide = beam_search(ours, prompt, beams=4, max_new_tokens=6)
    assert [beam.score for beam in wide] == sorted((b.score for b in wide), reverse=True)


@pytest.mark.parametrize("kind", [gpt2, llama, t5])
@few
@given(cuts=st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_cached_equals_uncached(prepared, kind, cuts):
    """However a text is cut into pieces, each piece's last logits are the same."""
    ours = from_transformers(prepared(kind()))
    if kind is t5:
        with torch.no_grad():
            ours = ours.read(texts(2, 5, seed=9))
    text, start = texts(2, sum(cuts)), 0
    cached, uncached = Cached(ours, sum(cuts)), Uncached(ours)
    with torch.no_grad():
        for cut in cuts:
            piece = text[:, start : start + cut]
            torch.testing.assert_close(
                cached.advance(piece), uncached.advance(piece), atol=1e-10, rtol=0
            )
            start += cut
        # The broken variant: a cache that has forgotten how far it is.
        for cache in cached._each():
            cache.length = 0
        other = text[:, :1] - 3
        wrong = cached.advance(other)
        assert not torch.allclose(wrong, uncached.advance(other), atol=1e-6)


def test_reading_hides_padding(prepared):
    ours = from_transformers(prepared(t5()))
    source = texts(2, 6)
    prompt = torch.zeros(2, 1, dtype=torch.long)
    with torch.no_grad():
        reading = ours.read(source, source_visible=padding_mask([6, 4], 6))
        short = ours.read(source[1:, :4])
    both = greedy(reading, prompt, max_new_tokens=8)
    assert torch.equal(both[1:], greedy(short, prompt[:1], max_new_tokens=8))
    with torch.no_grad():
        row = reading.reordered(torch.tensor([1, 1]))
    assert torch.equal(greedy(row, prompt, max_new_tokens=8), both[[1, 1]])


@few
@given(seed=st.integers(0, 99), k=st.integers(1, 12), p=st.floats(0.01, 1.0), t=st.floats(0.1, 3))
def test_filters_equal_transformers(seed, k, p, t):
    logits = 3 * torch.randn(
        4, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    assert torch.equal(keep_top_k(logits, k), TopKLogitsWarper(k)(None, logits))
    assert torch.equal(keep_top_p(logits, p), TopPLogitsWarper(p)(None, logits))
    scaled = TemperatureLogitsWarper(t)(None, logits)
    assert torch.equal(scale_by_temperature(logits, t), scaled)
    kept = keep_top_p(logits, p).isfinite()
    probabilities = logits.softmax(-1)
    mass = (probabilities * kept).sum(-1)
    least = probabilities.masked_fill(~kept, 2.0).min(-1).values
    assert (mass >= p - 1e-12).all()
    assert ((mass - least < p) | (kept.sum(-1) == 1)).all()  # none fewer would do


def test_filters_by_hand():
    logits = torch.tensor([[0.1, 0.4, 0.2, 0.3]]).log()
    kept = keep_top_p(logits, 0.65).softmax(-1)
    torch.testing.assert_close(kept, torch.tensor([[0.0, 4 / 7, 0.0, 3 / 7]]))
    assert keep_top_p(logits, 0.01).isfinite().sum() == 1
    assert keep_top_k(torch.tensor([[1.0, 1.0, 0.0]]), 1).isfinite().sum() == 2  # a tie


def test_sampling_follows_the_distribution(pair):
    _, ours, _, prompt = pair(gpt2, 1, batch=1)
    with torch.no_grad():
        logits = ours.next_logits(prompt)
    many = prompt.expand(4000, -1)
    filters = [partial(scale_by_temperature, temperature=2.0), partial(keep_top_k, k=4)]
    drawn = sample(
        ours,
        many,
        max_new_tokens=1,
        filters=filters,
        generator=torch.Generator().manual_seed(0),
    )
    expected = keep_top_k(logits / 2.0, 4).softmax(-1)[0]
    seen = torch.bincount(drawn[:, 0], minlength=VOCAB) / len(many)
    error = (seen - expected).abs()
    deviation = (expected * (1 - expected) / len(many)).sqrt()
    assert (error <= 4 * deviation + 1e-12).all()
    unscaled = keep_top_k(logits, 4).softmax(-1)[0]
    assert ((seen - unscaled).abs() > 4 * deviation).any()  # the temperature shows


def test_sampling_repeats_with_its_seed(pair):
    _, ours, _, prompt = pair(gpt2, 0)

    def draw(seed, session=Cached):
        chance = torch.Generator().manual_seed(seed)
        return sample(ours, prompt, max_new_tokens=10, generator=chance, session=session)

    assert torch.equal(draw(0), draw(0))
    assert torch.equal(draw(0), draw(0, Uncached))
    assert not torch.equal(draw(0), draw(1))
    cold = sample(
        ours,
        prompt,
        max_new_tokens=10,
        generator=torch.Generator().manual_seed(0),
        filters=[partial(scale_by_temperature, temperature=1e-6)],
    )
    assert torch.equal(cold, greedy(ours, prompt, max_new_tokens=10))


@pytest.mark.parametrize(("kind", "kv_heads", "d_model"), [(gpt2, 3, 12), (llama, 2, 16)])
@few
@given(tokens=st.integers(1, 20), batch=st.integers(1, 3))
def test_cache_takes_what_the_formula_says(prepared, kind, kv_heads, d_model, tokens, batch):
    ours = from_transformers(prepared(kind()))
    heads = 3 if kind is gpt2 else 4
    session = Cached(ours, tokens)
    with torch.no_grad():
        session.advance(texts(batch, tokens))
    sizes = dict(layers=2, d_model=d_model, heads=heads, bytes_per_number=8)
    assert session.nbytes == cache_bytes(tokens, kv_heads=kv_heads, batch=batch, **sizes)
    if kind is llama:  # grouped: half of what all heads would take
        assert 2 * session.nbytes == cache_bytes(tokens, kv_heads=heads, batch=batch, **sizes)


def test_max_new_tokens_counts_only_new_ones(pair):
    _, ours, _, prompt = pair(gpt2, 0)
    assert greedy(ours, prompt, max_new_tokens=5).shape == (2, 5)
    # The last new token need not be read: 6 + 27 − 1 = 32 positions.
    assert greedy(ours, prompt, max_new_tokens=27).shape == (2, 27)
    message = "6 tokens and 28 new ones exceed the model's 32 positions.*at most 27"
    with pytest.raises(ValueError, match=message):
        greedy(ours, prompt, max_new_tokens=28)


def test_bad_input(pair):
    _, ours, _, prompt = pair(gpt2, 0, batch=1)
    with pytest.raises(ValueError, match="prompt is empty"):
        greedy(ours, prompt[:, :0], max_new_tokens=1)
    with pytest.raises(ValueError, match="prompt has 33 tokens, the model 32 positions"):
        greedy(ours, texts(1, 33), max_new_tokens=1)
    with pytest.raises(ValueError, match="max_new_tokens is 0"):
        greedy(ours, prompt, max_new_tokens=0)
    for beams in (0, 6):
        with pytest.raises(ValueError, match=f"beams is {beams}: .* vocabulary of 11"):
            beam_search(ours, prompt, beams=beams, max_new_tokens=2)
    logits = torch.zeros(1, 4)
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="temperature is"):
            scale_by_temperature(logits, temperature)
    for p in (0.0, 1.1, -0.2):
        with pytest.raises(ValueError, match=r"p is .+ at most 1"):
            keep_top_p(logits, p)
    with pytest.raises(ValueError, match="k is 0"):
        keep_top_k(logits, 0)
    cache = KeyValueCache(2)
    with pytest.raises(ValueError, match="room for 2 tokens, and 3 are needed"):
        cache.extend(lambda: (torch.ones(1, 3, 1), torch.ones(1, 3, 1)))


def padded(prompts):
    """Prompts of different lengths as one batch, and where there is no padding."""
    longest = max(map(len, prompts))
    ids = nn.utils.rnn.pad_sequence(prompts, batch_first=True, padding_side="left")
    return ids, padding_mask([len(prompt) for prompt in prompts], longest).flip(-1)


@pytest.fixture
def prompts():
    return [texts(1, length, seed)[0] for seed, length in enumerate((5, 2, 4))]


@pytest.mark.parametrize("kind", [gpt2, llama])
@torch.no_grad()
def test_padding_on_the_left_changes_no_logits(prepared, prompts, kind):
    """With learned positions, too: a text begins after its padding."""
    ours = from_transformers(prepared(kind()))
    ids, visible = padded(prompts)
    logits = ours(ids, visible=visible)
    for row, prompt in enumerate(prompts):
        alone = ours(prompt[None])[0]
        torch.testing.assert_close(logits[row, -len(prompt) :], alone, atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", [gpt2, llama])
@pytest.mark.parametrize("session", [Cached, Uncached])
def test_prompts_of_different_lengths_are_continued_as_each_alone(prepared, prompts, kind, session):
    theirs = prepared(kind())
    ours = from_transformers(theirs)
    ids, visible = padded(prompts)
    new = greedy(ours.after_padding(visible), ids, max_new_tokens=9, session=session)
    for row, prompt in enumerate(prompts):
        assert torch.equal(new[row], greedy(ours, prompt[None], max_new_tokens=9)[0])
    output = theirs.generate(
        ids, attention_mask=visible[:, 0, 0].long(), max_new_tokens=9, do_sample=False,
        eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    assert torch.equal(new, output[:, ids.shape[1] :])


def test_beams_keep_their_padding(prepared, prompts):
    ours = from_transformers(prepared(gpt2()))
    prompt = prompts[1][None]
    visible = padding_mask([prompt.shape[1]], 6).flip(-1)
    ids = nn.functional.pad(prompt, (6 - prompt.shape[1], 0))
    found = beam_search(ours.after_padding(visible), ids, beams=3, max_new_tokens=5)
    expected = beam_search(ours, prompt, beams=3, max_new_tokens=5)
    assert [beam.tokens for beam in found] == [beam.tokens for beam in expected]


def test_gradients_flow_through_the_cache(prepared):
    """Through two steps: what the first one needs is not written over by the second."""
    ours = from_transformers(prepared(gpt2()))
    ids = texts(2, 5)
    caches = [KeyValueCache(5) for _ in ours.layers]
    steps = [ours(part, caches=caches) for part in ids.split([2, 1, 2], dim=1)]
    torch.cat(steps, dim=1).sin().sum().backward()
    cached = [parameter.grad.clone() for parameter in ours.parameters()]
    ours.zero_grad()
    ours(ids).sin().sum().backward()
    for own, parameter in zip(cached, ours.parameters(), strict=True):
        torch.testing.assert_close(own, parameter.grad, atol=1e-9, rtol=0)
