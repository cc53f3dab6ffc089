"""Fine-tuning in five ways: what the chapter says of one seed holds on four others, too."""

import copy

import pytest
import torch

from lessons.adaptation import (
    answering,
    answers_right,
    copied,
    emptied,
    labeled_loss,
    mixed,
    number_questions,
    old_texts,
    question_texts,
    skills,
    tune,
)
from lessons.adaptation.fine_tuning.ways import WAYS
from lessons.families import from_transformers
from lessons.models import load
from lessons.models.grammar import agreement, lexicon


@pytest.fixture(scope="module")
def book():
    found = load("decoder", source="book")
    return from_transformers(found.model), answering(found.tokenizer)


@pytest.mark.parametrize("misleading", [True, False])
def test_the_last_noun_misleads_or_does_not(misleading):
    for asked, answer in number_questions("test", 60, misleading=misleading):
        nouns = [word for word in asked.split() if word in lexicon.LEMMAS]
        first, last = (agreement.number(noun) == "plural" for noun in (nouns[0], nouns[-1]))
        assert len(nouns) > 1 and first == (answer == "are") and misleading == (first != last)


def test_the_pairs_are_new():
    seen = number_questions("train", 200)
    assert not set(dict(seen)) & set(dict(number_questions("test", 60)))
    assert {answer for _, answer in seen} == {"is", "are"}


def test_skills_before(book):
    base, tokenizer = book
    scores = skills(base, tokenizer.get_vocab())
    assert scores["agreement"] == 1 and scores["copying"] > 0.98 and 1.3 < scores["loss"] < 1.7
    lost = skills(emptied(base), tokenizer.get_vocab())
    assert lost["agreement"] < 0.8 and lost["copying"] < 0.1 and lost["loss"] > 5


def test_what_is_barred_is_not_said(book):
    base, tokenizer = book
    ids = tokenizer.get_vocab()
    assert copied(base, ids, barred=("is", "are")) >= copied(base, ids)
    assert copied(base, ids, barred=list(ids)[:-1]) < 0.1


def test_each_way_trains_what_it_says(book):
    base, tokenizer = book
    texts = question_texts(tokenizer, "train", 16)
    for way, (parts, _) in WAYS.items():
        tuned, names = tune(base, texts, way=way, steps=1), set()
        own = dict(base.named_parameters(remove_duplicate=False))
        for name, one in tuned.named_parameters():
            before = own.get(name.removeprefix("model.").replace("embed.base.", "embed."))
            if before is None or not torch.equal(one, before):
                names.add(name)
        assert names and all(name.startswith(parts) for name in names), way
    with pytest.raises(ValueError, match="there is no way 'middle'"):
        tune(base, texts, way="middle")


def test_mixed_texts_cost_what_they_cost_apart(book):
    base, tokenizer = book
    asked = question_texts(tokenizer, "train", 8, masked=False)
    old = old_texts(tokenizer.get_vocab(), "train", 8)
    counts = [(one.labels[:, 1:] != -100).sum() for one in (asked, old)]
    losses = [labeled_loss(base, one) for one in (asked, old)]
    whole = sum(n * loss for n, loss in zip(counts, losses, strict=True)) / sum(counts)
    together = mixed(asked, old, filler=tokenizer.eos_token_id)
    assert torch.allclose(labeled_loss(base, together), whole, atol=1e-4)
    shuffled = old_texts(tokenizer.get_vocab(), "train", 8, shuffled=True)
    assert torch.equal(shuffled.ids.sort().values, old.ids.sort().values)
    assert labeled_loss(base, shuffled) > labeled_loss(base, old) + 2


@pytest.fixture(scope="module", params=range(1, 5))
def tuned(request, book):
    """Return for each way, and for some texts, the model that one more seed trains."""
    (base, tokenizer), seed = book, request.param
    ids, end = tokenizer.get_vocab(), tokenizer.eos_token_id
    asked = question_texts(tokenizer, "train", 256, seed=seed)
    found = {way: tune(base, asked, way=way, seed=seed) for way in WAYS}
    others = {
        "prompts too": question_texts(tokenizer, "train", 256, masked=False, seed=seed),
        "shuffled": mixed(
            asked, old_texts(ids, "train", 256, shuffled=True, seed=seed), filler=end
        ),
        "old sentences": mixed(asked, old_texts(ids, "train", 256, seed=seed), filler=end),
    }
    for name, texts in others.items():
        found[name] = tune(base, texts, way="all", seed=seed)
    for name, one, count, rate in (
        ("eight", base, 8, 0.001),
        ("empty", emptied(base, seed=seed), 128, 0.003),
    ):
        few = question_texts(tokenizer, "train", count, seed=seed)
        found[name] = tune(one, few, way="all", learning_rate=rate, seed=seed)
    test = question_texts(tokenizer, "test", 150)
    return found, {name: answers_right(model, test) for name, model in found.items()}, book


@pytest.mark.slow
def test_what_each_way_learns(tuned):
    _, right, _ = tuned
    assert min(right["all"], right["last layer"], right["first layer"]) > 0.95 > right["head"]
    assert min(right["head"], right["soft prompt"]) > 0.6
    assert right["eight"] > right["empty"]


@pytest.mark.slow
def test_one_kind_of_question_does_not_tell_two_rules_apart(tuned):
    models, _, (_, tokenizer) = tuned
    second = question_texts(tokenizer, "test", 150, misleading=False)
    right = {way: answers_right(models[way], second) for way in ("first layer", "last layer")}
    assert right["first layer"] < 0.9 < right["last layer"]


@pytest.mark.slow
def test_what_each_way_forgets(tuned):
    models, right, (base, tokenizer) = tuned
    ids, words = tokenizer.get_vocab(), ("is", "are", tokenizer.eos_token)
    kept = {way: copied(models[way], ids) for way in ("first layer", "last layer")}
    assert kept["first layer"] < 0.5 < kept["last layer"] - 0.1
    barred = {way: copied(models[way], ids, barred=words) for way in kept}
    assert barred["first layer"] < 0.5 and barred["last layer"] > 0.95
    mended = copy.deepcopy(models["first layer"])
    mended.layers[0].attention.load_state_dict(base.layers[0].attention.state_dict())
    assert copied(mended, ids) > kept["first layer"] + 0.1
    with torch.no_grad():
        old = old_texts(ids, "test", 80)
        left = {
            name: labeled_loss(models[name], old).item()
            for name in ("all", "prompts too", "shuffled", "old sentences")
        }
    assert left["old sentences"] < 2.0 < left["shuffled"] - 0.5
    assert left["prompts too"] < left["all"] and right["old sentences"] > 0.9
