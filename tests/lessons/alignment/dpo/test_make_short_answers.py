"""What the command draws and writes; the adapter that is shipped; and what its answers bear."""

import random

import pytest
import torch
from safetensors.torch import load_file

from lessons.alignment import (
    answers_to,
    by_way,
    gives_lists,
    kept_answers,
    kept_makers,
    kept_samples,
    lead_of,
    names_capitals,
    term_prompt,
    with_adapter,
)
from lessons.alignment.dpo.kept_answers import FOLDER, kept_run, share_of_form
from lessons.alignment.dpo.make_short_answers import (
    WAYS,
    all_pairs,
    card,
    chosen_alone,
    draw_pairs,
    main,
    write_card,
)
from lessons.alignment.dpo.short_answers import COUNTRIES, TERMS, THINGS, form_faults
from lessons.alignment.dpo.upper_blocks import take_off
from lessons.alignment.preference_losses import PairLogs

ADAPTER = FOLDER / "adapter.safetensors"


def test_the_card_tells_what_was_answered(tmp_path):
    assert (FOLDER / "README.md").read_text("utf8") == card(kept_answers())
    (tmp_path / "answers.json").write_text((FOLDER / "answers.json").read_text("utf8"), "utf8")
    write_card(tmp_path)
    assert "The rule knows nothing of truth" in (tmp_path / "README.md").read_text("utf8")


def test_the_file_is_small_and_in_half_precision():
    assert sum(one.stat().st_size for one in FOLDER.iterdir()) <= 3_000_000
    tensors = load_file(ADAPTER)
    assert {str(one.dtype) for one in tensors.values()} == {"torch.float16"}
    assert sum(one.numel() for one in tensors.values()) == kept_answers()["numbers"]


def test_pairs_are_of_one_thing_and_of_both_kinds():
    samples = kept_samples()
    answers = [(name, one) for name, some in samples.items() for one in some]
    assert list(samples) == THINGS
    for some in all_pairs(samples):
        for chosen, rejected in some:
            (name, good), (other, bad) = answers[chosen], answers[rejected]
            assert name == other and not form_faults(good, name) and form_faults(bad, name)


def test_a_coin_turns_half_of_the_same_pairs():
    pairs = all_pairs(kept_samples())
    turned = 0
    for seed in range(200):
        (told,) = draw_pairs(random.Random(seed), by_thing=pairs).values()
        (drawn,) = draw_pairs(random.Random(seed), by_thing=pairs, coin=True).values()
        assert [sorted(one) for one in told] == [sorted(one) for one in drawn]
        turned += sum(one != other for one, other in zip(told, drawn, strict=True))
    assert 340 < turned < 460


def test_imitation_looks_at_the_chosen_alone():
    logs = PairLogs(
        *(torch.tensor([-float(one)]) for one in (6, 1, 1, 1)), *torch.tensor([[3.0]] * 2)
    )
    assert chosen_alone(logs).item() == 2
    assert chosen_alone(logs._replace(rejected=logs.rejected - 9)).item() == 2


def test_what_is_counted():
    lists = ["red, blue", "1. red\n\n2. blue", "1. red\n2. blue\n3. pink"]
    assert gives_lists(lists) == [False, False, True]
    right = [f"It is {one}." for one in ("Paris", "Berlin")] + [""] * (len(COUNTRIES) - 2)
    assert names_capitals(right) == [True, True] + [False] * (len(COUNTRIES) - 2)
    assert share_of_form([f"A {one} is a word." for one in TERMS]) == 1
    mean, low, high = lead_of([True] * 30 + [False] * 10, [False] * 40)
    assert mean == 0.75 and 0.55 < low < 0.7 < 0.8 < high < 0.95


def shares(asked):
    told = {maker: share_of_form(some) for maker, some in kept_makers(asked).items()}
    return by_way(told)


def test_what_the_chapter_says_of_the_ways():
    """Imitation helps with each seed, of a coin's choice as well; other ways do not."""
    found = shares("terms")
    (untrained,) = found["untrained"]
    assert len(found["chosen alone"]) >= 3 and len(kept_makers()) == 4 + sum(
        len(found[way]) for way in WAYS
    )
    for way in ("chosen alone", "either alone"):
        assert min(found[way]) > untrained + 0.15
        assert min(shares("as trained")[way]) > shares("as trained")["untrained"][0] + 0.1
    for way in ("DPO", "DPO, likelihood", "coin"):
        assert max(found[way]) < untrained + 0.05


@pytest.mark.slow
def test_it_says_what_was_kept(smollm2):
    """The likeliest token can be another one on another processor, and then so is the rest."""
    names = TERMS[:6]
    asked = [term_prompt(one) for one in names]
    untrained = answers_to(smollm2, asked)
    found = answers_to(smollm2, asked, model=with_adapter(smollm2.model))
    take_off(smollm2.model)  # which other tests read
    own = kept_run("chosen alone")["answers"]["terms"]
    kept = own[:6], kept_answers()["base"]["terms"][:6]
    assert sum(one == other for one, other in zip(found, kept[0], strict=True)) >= 3
    assert sum(one == other for one, other in zip(untrained, kept[1], strict=True)) >= 3


def test_wrong_arguments_are_told(capsys):
    with pytest.raises(SystemExit):
        main(["--seed", "first"])
    assert "invalid int value" in capsys.readouterr().err
