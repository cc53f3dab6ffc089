"""Drafts change how many passes a text takes, and not the text."""

from functools import partial

import pytest
import torch
from hypothesis import strategies as st

from lessons import generation, models
from lessons.alignment import (
    Drafted,
    Foresighted,
    NextButOne,
    drafts_by_count,
    drafts_by_module,
    two_token_loss,
    write_all,
    write_with_drafts,
)
from lessons.families import small_decoder
from lessons.fit import fit
from support import proofs


def decoder(seed=0):
    return small_decoder(7, positions=24, d_model=16, seed=seed)


def knows_all(model):
    """Draft what the decoder would write."""

    def draft(text, stream):
        return model(text)[0, -1].argmax()

    return draft


def always(token):
    return lambda text, stream: torch.tensor(token)


DRAFTERS = [knows_all, lambda model: always(3), lambda model: always(0)]


def check_text(write, seed, new):
    """Whoever drafts, the text is that of greedy decoding."""
    model, prompt = decoder(seed), torch.tensor([[1, 2, 3]])
    for drafter in DRAFTERS:
        got = write(model, drafter(model), prompt, max_new_tokens=new)
        assert torch.equal(got.new, generation.greedy(model, prompt, max_new_tokens=new))
        assert got.kept <= got.drafts < got.passes <= new
        assert new <= got.passes + got.kept <= new + 1


def keeps_all_drafts(model, draft, prompt, *, max_new_tokens):
    text, passes = prompt, 0
    while text.shape[-1] < prompt.shape[-1] + max_new_tokens:
        token = model(text)[0, -1].argmax()
        text = torch.cat([text, token.view(1, 1)], dim=-1)
        guess = draft(text, model.stream(text[:, :-1]))
        text = torch.cat([text, guess.view(1, 1)], dim=-1)
        passes += 1
    return Drafted(text[:, prompt.shape[-1] :][:, :max_new_tokens], passes, passes - 1, 0)


def one_token_short(model, draft, prompt, *, max_new_tokens):
    got = write_with_drafts(model, draft, prompt, max_new_tokens=max_new_tokens)
    return got._replace(new=got.new[:, :-1])


test_the_text_stays_the_same, test_broken_drafting_is_caught = proofs(
    write_with_drafts,
    {check_text: [keeps_all_drafts, one_token_short]},
    (0, 9),
    st.tuples(st.integers(0, 20), st.integers(1, 12)),
)


def test_who_knows_all_halves_the_passes():
    got = write_with_drafts(
        decoder(), knows_all(decoder()), torch.tensor([[1, 2]]), max_new_tokens=11
    )
    # The first pass has no draft; each of the others gives two tokens.
    assert got[1:] == (6, 5, 5)


@pytest.mark.parametrize(("prompt", "new"), [((1, 0), 3), ((1, 2), 0)])
def test_nothing_to_do_is_refused(prompt, new):
    with pytest.raises(ValueError, match="at least one"):
        write_with_drafts(decoder(), always(1), torch.ones(prompt).long(), max_new_tokens=new)


def test_counts_fall_back_on_fewer_words():
    drafts = drafts_by_count(torch.tensor([1, 2, 3, 1, 2, 3, 4, 2, 5]), 2)
    stream = torch.zeros(1, 1, 1)
    said = {text: drafts(torch.tensor([text]), stream).item() for text in ((1, 2), (6, 3), (6, 6))}
    assert said == {(1, 2): 3, (6, 3): 1, (6, 6): 2}


def kept_by_drafter(seed):
    """Train a decoder with its module, and return the share of drafts kept, by drafter."""
    sentences = models.agreement_sentences(2000)
    ids = models.word_ids(sentences)
    text = models.running_text(sentences, ids)
    draw = partial(models.text_rows, text=text, rows=24, length=14)
    torch.manual_seed(seed)
    both = Foresighted(
        small_decoder(len(ids), positions=32, d_model=48, seed=seed), NextButOne(48, heads=4)
    )
    untrained = Foresighted(both.model, NextButOne(48, heads=4))
    fit(both, draw, two_token_loss, steps=150, learning_rate=5e-3, seed=seed)
    held = models.held_out_rows(ids, keep=models.one_noun_between, length=4, count=20)
    begun = text[:3600].view(100, 36)[:, :4]
    own = generation.greedy(both.model, begun, max_new_tokens=24).flatten()
    kept = {}
    for name, draft in (
        ("module", drafts_by_module(both)),
        ("untrained", drafts_by_module(untrained)),
        *((f"{n} words", drafts_by_count(text, n)) for n in (1, 2, 3)),
        ("own words", drafts_by_count(own, 3)),
    ):
        wrote = write_all(both.model, draft, held, max_new_tokens=16)
        kept[name] = wrote.kept / wrote.drafts
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_of_a_trained_module_far_more_drafts_are_kept(seed):
    kept = kept_by_drafter(seed)
    assert 0.35 < kept["module"] < 0.65 and kept["untrained"] < kept["module"] - 0.2


@pytest.mark.slow
def test_which_drafter_is_the_best_depends_on_the_training():
    """Counts of the last word, counts of its own texts, and the module: none leads in both."""
    one, other = (kept_by_drafter(seed) for seed in (6, 7))
    assert one["module"] < one["1 words"] - 0.03 and one["module"] < one["own words"] - 0.1
    assert other["module"] > other["1 words"] + 0.1 and other["module"] > other["own words"] + 0.05
