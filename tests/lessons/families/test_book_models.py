"""Our families give the logits of the book's own models, and write what they write."""

import random

import pytest
import torch

from lessons import models
from lessons.families import from_transformers
from lessons.generation import beam_search, greedy
from lessons.models import grammar
from lessons.models.grammar import lexicon

TEXTS = {
    "encoder": "the trophy does not fit in the suitcase because it is too big",
    "decoder": "the keys on the table",
    "translator": "the trophy does not fit in the suitcase because it is too big",
}


def loaded(prepared, name):
    """Return the model in float64 throughout, ours with its weights, and a text's ids."""
    book = models.load(name, source="book")
    theirs = prepared.exact(book.model)
    ids = book.tokenizer(TEXTS[name], return_tensors="pt").input_ids
    return theirs, from_transformers(theirs), ids


@pytest.mark.parametrize("name", TEXTS)
@torch.no_grad()
def test_same_logits(prepared, name):
    theirs, ours, ids = loaded(prepared, name)
    texts, inputs = [ids], {"input_ids": ids}
    if name == "translator":
        texts.append(ids.flip(-1))
        inputs["decoder_input_ids"] = ids.flip(-1)
    torch.testing.assert_close(ours(*texts), theirs(**inputs).logits, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", ["decoder", "translator"])
def test_same_tokens(prepared, name):
    theirs, ours, ids = loaded(prepared, name)
    prompt = ids
    if name == "translator":
        prompt = torch.tensor([[theirs.config.decoder_start_token_id]])
        with torch.no_grad():
            ours = ours.read(ids)
    end, length = theirs.config.eos_token_id, prompt.shape[1]
    options = dict(max_new_tokens=12, do_sample=False, attention_mask=torch.ones_like(ids))
    expected = theirs.generate(ids, pad_token_id=end, num_beams=1, **options)[0, length:]
    assert greedy(ours, prompt, max_new_tokens=12, end=end)[0].tolist() == expected.tolist()
    expected = theirs.generate(ids, pad_token_id=end, num_beams=3, **options)[0, length:]
    best = beam_search(ours, prompt, beams=3, max_new_tokens=12, end=end)[0]
    assert best.tokens == expected.tolist()


def swaps(words):
    """Exchange each word for the next one."""
    return dict(zip(words, [*words[1:], words[0]], strict=True))


def nouns_of(gender):
    """Return the French things of a gender, which begin with no vowel."""
    return [noun.french for noun in lexicon.THINGS if noun.gender == gender]


AGREEING = {
    "elle": dict(lexicon.ADJECTIVES.values()),
    "il": {feminine: masculine for masculine, feminine in lexicon.ADJECTIVES.values()},
}
WRONG = {
    "pronoun": swaps(["il", "elle"]),
    "noun of the same gender": swaps(nouns_of("m")) | swaps(nouns_of("f")),
    "verb": swaps([*lexicon.TRANSITIVE.values()]),
}


@pytest.fixture(scope="module")
def goes_on_rightly():
    """Force a wrong word; return how often the translator writes the rest as it should be.

    For a wrong pronoun also how often it writes the rest so that the adjective agrees with it.
    """
    book = models.load("translator", source="book")
    ours, id_of = from_transformers(book.model), book.tokenizer.get_vocab()
    config, rng, kept = book.model.config, random.Random(0), {"agreeing": []}
    kept |= {kind: [] for kind in WRONG}
    for one in (grammar.translation(name, "test", rng) for name in ["plain", "winograd"] * 60):
        target = [id_of[word] for word in one.target]
        reading = ours.read(models.encode(book, one.source.text).input_ids)
        for kind, swap in WRONG.items():
            at = next((n for n, word in enumerate(one.target) if word in swap), None)
            if at is not None:
                begin = [config.decoder_start_token_id, *target[:at], id_of[swap[one.target[at]]]]
                new = greedy(reading, torch.tensor([begin]), max_new_tokens=30,
                             end=config.eos_token_id)  # fmt: skip
                kept[kind].append(new[0].tolist() == [*target[at + 1 :], config.eos_token_id])
                if kind == "pronoun" and one.source.kind == "winograd":
                    forms, last = AGREEING[swap[one.target[at]]], one.target[-1]
                    agreeing = [*target[at + 1 : -1], id_of[forms.get(last, last)]]
                    kept["agreeing"].append(new[0].tolist()[:-1] == agreeing)
    return {kind: sum(hits) / len(hits) for kind, hits in kept.items() if len(hits) > 20}


def test_an_error_brings_what_must_agree_with_it(goes_on_rightly):
    assert goes_on_rightly["pronoun"] < 0.4
    assert goes_on_rightly["agreeing"] > 0.9


@pytest.mark.parametrize("kind", ["noun of the same gender", "verb"])
def test_other_errors_stay_alone(goes_on_rightly, kind):
    assert goes_on_rightly[kind] > 0.85
