"""Readers of entities: what they are called with, what they may write, and the search."""

import math
from functools import partial

import pytest
import torch
import yaml
from torch import nn

from lessons.adaptation import (
    draw_marked,
    entity_sentences,
    search_rates,
    settings_problems,
    tag_loss,
    tagger,
    tags_of,
    text_loss,
    text_to_text,
    train_until_worse,
    write_entities,
)
from lessons.adaptation.named_entities.entity_sentences import Marked
from lessons.adaptation.named_entities.token_labels import TAGS
from lessons.families.objectives import IGNORED
from lessons.fit import fit


def test_rows_of_text_are_the_words_and_the_entities(translator):
    reader, some = text_to_text(translator), entity_sentences(3)
    rows, names = reader.rows(some), {id_: word for word, id_ in reader.ids.items()}
    for row, labels, one in zip(rows["input_ids"], rows["labels"], some, strict=True):
        assert [names[i] for i in row.tolist() if i != reader.ids["<pad>"]] == [*one.words, "</s>"]
        written = [names[i] for i in labels.tolist() if i != IGNORED]
        assert written == [*write_entities(one), "</s>"]


def test_new_tokens_stand_behind_the_old_ones(translator):
    reader = text_to_text(translator)
    old, new = translator.model.shared.weight, reader.model.shared.weight
    assert torch.equal(new[: len(old)], old) and len(new) == len(old) + 4
    assert translator.model.shared.weight.shape == old.shape


def test_from_scratch_nothing_is_copied(translator, encoder):
    fresh = text_to_text(translator, pretrained=False)
    assert not torch.equal(fresh.model.shared.weight[:9], translator.model.shared.weight[:9])
    drawn = tagger(encoder, pretrained=False, seed=1).body, tagger(encoder, seed=1).body
    name = "transformer.layer.0.ffn.lin1.weight"
    theirs = encoder.model.distilbert.state_dict()[name]
    assert [torch.equal(one.state_dict()[name], theirs) for one in drawn] == [False, True]


def test_copying_writes_nothing_but_marks_and_words_of_the_sentence(translator):
    reader, some = text_to_text(translator), entity_sentences(12)
    fit(
        reader.model, draw_marked(some, reader.rows, rows=4), text_loss, steps=2, learning_rate=1e-3
    )
    free, copying = reader.read(some), reader.read(some, copying=True)
    assert any(one.malformed for one in free)
    rows = reader.rows(some)
    del rows["labels"]
    allowed = [{*map(reader.ids.get, one.words), *(reader.ids[f"<{label}>"] for label in
               ("person", "animal", "place", "thing"))} for one in some]  # fmt: skip
    written = reader.model.generate(
        **rows, max_new_tokens=8, do_sample=False,
        prefix_allowed_tokens_fn=lambda row, _: sorted(allowed[row]),
    )  # fmt: skip
    assert all(set(row[1:]) <= words for row, words in zip(written.tolist(), allowed, strict=True))
    assert len(copying) == len(some)


def test_a_tagger_learns_a_handful_by_heart(encoder):
    reader, some = tagger(encoder), entity_sentences(6)
    fit(reader, draw_marked(some, reader.rows, rows=6), tag_loss, steps=40, learning_rate=3e-3)
    assert reader.read(some) == [one.entities for one in some]


def test_tags_stand_at_words_alone(encoder):
    reader, some = tagger(encoder), entity_sentences(4)
    ids, real, wanted = reader.rows(some)
    for row, mask, labels, one in zip(ids, real, wanted, some, strict=True):
        assert labels[0] == IGNORED and (labels[~mask] == IGNORED).all()
        assert [TAGS[i] for i in labels.tolist() if i != IGNORED] == tags_of(one)
        assert row[0] == encoder.tokenizer.cls_token_id


def slope_trial(rate, **options):
    torch.manual_seed(0)
    held_out = torch.linspace(-1, 1, 9)[:, None]
    return train_until_worse(
        nn.Linear(1, 1),
        lambda generator: torch.randn(8, 1, generator=generator),
        lambda model, x: (model(x) - 2 * x).square().mean(),
        held_out,
        **{"learning_rate": rate, "rounds": 12, "steps": 5} | options,
    )


def test_it_stops_when_the_loss_rises_and_keeps_the_best():
    wild = slope_trial(3.0)
    assert len(wild.losses) < 12
    assert wild.losses[-1] > wild.best and wild.losses.index(wild.best) == len(wild.losses) - 2
    patient = slope_trial(3.0, patience=3)
    assert len(patient.losses) > len(wild.losses)
    model = nn.Linear(1, 1)
    model.load_state_dict(wild.state)
    x = torch.linspace(-1, 1, 9)[:, None]
    assert abs((model(x) - 2 * x).square().mean().item() - wild.best) < 1e-6


def test_the_search_prefers_the_lowest_held_out_loss_and_begins_afresh():
    made = []

    def make():
        torch.manual_seed(0)
        made.append(nn.Linear(1, 1))
        return made[-1]

    train = partial(
        train_until_worse,
        draw=lambda generator: torch.randn(8, 1, generator=generator),
        loss_of=lambda model, x: (model(x) - 2 * x).square().mean(),
        held_out=torch.linspace(-1, 1, 9)[:, None],
        rounds=4,
        steps=5,
    )
    trials = search_rates(make, [1e-4, 0.1, 1e-3], train)
    assert trials[0].learning_rate == 0.1 and len({id(one) for one in made}) == 3
    assert [one.best for one in trials] == sorted(one.best for one in trials)


def test_a_rate_that_diverges_loses_no_other_trial():
    train = partial(
        train_until_worse,
        draw=lambda generator: torch.randn(8, 1, generator=generator),
        loss_of=lambda model, x: (model(x) - 2 * x).pow(20).mean(),
        held_out=torch.full((4, 1), 3.0),
        rounds=4,
    )
    kept, wild = search_rates(partial(nn.Linear, 1, 1), [1e30, 1e-3], train)
    assert kept.learning_rate == 1e-3 and math.isfinite(kept.best)
    assert wild.losses == [math.inf]
    assert all(one.isfinite().all() for one in wild.state.values())  # as before the first step
    with pytest.raises(ValueError, match=r"diverged at each rate of \[1e\+30\]: pass lower ones"):
        search_rates(partial(nn.Linear, 1, 1), [1e30], train)


def test_a_strange_word_and_a_text_longer_than_the_model_are_told(encoder, translator):
    strange, long = Marked(("the", "zebra"), ()), Marked(("the",) * 63, ())
    for reader in (tagger(encoder), text_to_text(translator)):
        with pytest.raises(ValueError, match="this model has no word 'zebra': pass"):
            reader.rows([strange])
    with pytest.raises(ValueError, match="65 tokens, the encoder 64 positions: pass shorter"):
        tagger(encoder).read([long])
    assert tagger(encoder).read([long._replace(words=("the",) * 62)])
    assert text_to_text(translator).rows([long])["input_ids"].shape == (1, 64)


def test_they_refuse(encoder):
    with pytest.raises(ValueError, match="there is no sentence: pass at least one"):
        draw_marked([], tagger(encoder).rows, rows=2)
    for option in ("rounds", "steps", "patience"):
        with pytest.raises(ValueError, match="at least 1"):
            slope_trial(0.1, **{option: 0})
    with pytest.raises(ValueError, match="one at least"):
        search_rates(nn.Identity, [], slope_trial)


SETTINGS = """
task: seq2seq
base_model: google-t5/t5-small
project_name: entities
log: none
backend: local
data:
  path: entities
  train_split: train
  valid_split: validation
  column_mapping: {text_column: text, target_column: target}
params: {lr: 3.0e-4, epochs: 10, eval_strategy: epoch, peft: false}
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("task: seq2seq", "task: ner", "task is not seq2seq"),
        ("log: none", "", "log is missing"),
        ("log: none", "log: none\nlr: 1", "lr is unknown"),
        ("valid_split: validation", "", "data: valid_split is missing"),
        ("target_column", "tags_column", "data: tags_column is missing or unknown"),
        ("lr:", "learning_rate:", "params: learning_rate is unknown"),
        ("3.0e-4", "3e-4", "params: lr is '3e-4', of another type"),  # YAML's trap
        ("epochs: 10", "epochs: true", "params: epochs is True, of another type"),
        ("peft: false", "peft: 0", "params: peft is 0, of another type"),
        (SETTINGS[SETTINGS.index("params") :], "params:", "params is None, no table of names and"),
        ("{text_column: text, target_column: target}", "text", "column_mapping is 'text', no tab"),
    ],
)
def test_wrong_settings_are_named(old, new, problem):
    assert settings_problems(yaml.safe_load(SETTINGS)) == []
    assert SETTINGS.count(old) == 1
    problems = settings_problems(yaml.safe_load(SETTINGS.replace(old, new)))
    assert any(one.startswith(problem) for one in problems)
