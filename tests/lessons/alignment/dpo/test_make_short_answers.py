"""What the command draws and writes; the adapter that is shipped; and what its answers bear."""

import json
import random

import pytest
import torch
from safetensors.torch import load_file

from lessons.alignment import (
    answers_to,
    by_way,
    first_sentence,
    gives_lists,
    judge_blind,
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
    STEPS,
    WAYS,
    all_pairs,
    card,
    chosen_alone,
    draw_pairs,
    keep,
    main,
    write_card,
)
from lessons.alignment.dpo.short_answers import COUNTRIES, TERMS, THINGS, form_faults
from lessons.alignment.dpo.upper_blocks import take_off
from lessons.alignment.preference_losses import PairLogs

ADAPTER = FOLDER / "adapter.safetensors"
SEEDS = 5


def test_the_card_tells_what_was_answered(tmp_path):
    assert (FOLDER / "README.md").read_text("utf8") == card(kept_answers())
    (tmp_path / "answers.json").write_text((FOLDER / "answers.json").read_text("utf8"), "utf8")
    write_card(tmp_path)
    assert "The rule knows nothing of truth" in (tmp_path / "README.md").read_text("utf8")


def test_a_new_run_takes_the_place_of_its_own_kind(tmp_path):
    """What was trained before stays, though its outputs are gone; and so does the adapter."""
    book, runs = tmp_path / "book", tmp_path / "runs"
    book.mkdir()
    (runs / "short-answers-seed1").mkdir(parents=True)
    for name in ("adapter.safetensors", "loss.csv"):
        (book / name).write_bytes((FOLDER / name).read_bytes())
    old = kept_answers()
    few = [run for run in old["runs"] if (run["way"], run["seed"]) != ("DPO", 1)]
    (book / "answers.json").write_text(json.dumps(old | {"runs": few}), "utf8")
    for name, way in (("dpo", "DPO"), ("chosen-alone", "chosen alone")):
        run = kept_run(way, seed=1) | {"minutes": 99}
        (runs / "short-answers-seed1" / f"{name}.json").write_text(json.dumps(run), "utf8")
    keep(runs, book)
    new = json.loads((book / "answers.json").read_text("utf8"))
    assert [(run["way"], run["seed"]) for run in new["runs"]] == [
        (run["way"], run["seed"]) for run in old["runs"]
    ]
    assert [run for run in new["runs"] if run["minutes"] != 99] == [
        run for run in old["runs"] if run["seed"] != 1 or run["way"] not in ("DPO", "chosen alone")
    ]
    assert new["base"] == old["base"] and new["numbers"] == old["numbers"]
    assert (book / "adapter.safetensors").read_bytes() == ADAPTER.read_bytes()
    assert (book / "README.md").read_text("utf8") == card(new)


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


def test_a_lead_is_as_sure_as_prompts_and_seeds_make_it():
    wrong = [False] * 40
    mean, low, high = lead_of([[True] * 30 + [False] * 10], [wrong])
    assert mean == 0.75 and 0.55 < low < 0.7 < 0.8 < high < 0.95
    alike, apart = [[True] * 20 + wrong[:20]] * 4, [[True] * 40, wrong] * 2
    of_alike, of_apart = (lead_of(some, [wrong] * 5) for some in (alike, apart))
    assert of_alike[0] == of_apart[0] == 0.5
    assert of_alike[1] > 0.3 and of_apart[1] < 0.1  # the seeds decide; prompts alone do not say so
    with pytest.raises(ValueError, match="40 and 2 prompts: pass verdicts on the same ones"):
        lead_of([wrong], [wrong[:2]])


def shares(asked):
    told = {maker: share_of_form(some) for maker, some in kept_makers(asked).items()}
    return by_way(told)


def test_as_many_seeds_as_the_chapter_says():
    """Neither a way with fewer seeds, nor the same training kept twice under two seeds."""
    runs = kept_answers()["runs"]
    for way in WAYS:
        some = [run for run in runs if run["way"] == way]
        assert [run["seed"] for run in some] == list(range(SEEDS))
        assert len({json.dumps(run["answers"]) for run in some}) == SEEDS
        assert {run["steps"] for run in some} == {STEPS}
        assert all("as trained" in run["answers"] for run in some)
    assert len(runs) == SEEDS * len(WAYS)


def test_dpo_looks_well_trained_and_is_ruined_with_each_seed():
    untrained = share_of_form(kept_answers()["base"]["terms"])
    for seed in range(5):
        run, other = (kept_run(way, seed=seed) for way in ("DPO", "chosen alone"))
        assert run["margins above zero"] > 0.85
        assert run["chosen gained"] < -10 < 0 < other["chosen gained"]
        assert share_of_form(run["answers"]["terms"]) < untrained / 2
        assert run["prose"]["nats a token"] > 10 * other["prose"]["nats a token"]


def test_imitation_of_the_chosen_helps_with_each_seed():
    for asked in ("terms", "as trained"):
        found = shares(asked)
        assert min(found["chosen alone"]) > found["untrained"][0] + 0.15


def test_what_is_imitated_matters_and_is_not_all():
    """The rule's choice leads a coin's, which leads nothing; with other words and with the same."""
    for asked in ("terms", "as trained"):
        told = by_way(judge_blind(kept_makers(asked), TERMS))
        chosen, either, untrained = (
            told[one] for one in ("chosen alone", "either alone", "untrained")
        )
        assert lead_of(chosen, either)[1] > 0.02 and lead_of(either, untrained)[1] > 0


def test_likelihood_mends_dpo_in_the_words_of_the_training_alone():
    told = by_way(judge_blind(kept_makers(), TERMS))
    assert lead_of(told["chosen alone"], told["DPO, likelihood"])[1] > 0.05
    alike = shares("as trained")
    assert min(alike["DPO, likelihood"]) > alike["untrained"][0] + 0.2


def test_cut_after_its_first_sentence_dpo_leads():
    """What DPO lost is the end; and a cut without any training does what imitation does."""
    makers = kept_makers()
    cut = {who: [first_sentence(one) for one in some] for who, some in makers.items()}
    whole, told = (by_way(judge_blind(some, TERMS)) for some in (makers, cut))
    share = {way: [sum(one) / len(one) for one in some] for way, some in told.items()}
    assert min(share["DPO"]) > max(share["chosen alone"]) + 0.02
    assert min(share["chosen alone"]) > share["untrained"][0] + 0.1
    assert lead_of(told["DPO"], told["chosen alone"])[1] > 0.02
    _, low, high = lead_of(told["DPO"], told["DPO, likelihood"])
    assert low < 0 < high
    _, low, high = lead_of(whole["chosen alone"], told["untrained"])
    assert low < 0 < high


def test_a_coin_moves_far_less_and_one_seed_of_it_loses():
    runs = [kept_run("coin", seed=seed) for seed in range(SEEDS)]
    assert all(run["prose"]["nats a token"] < 0.05 for run in runs)
    gained = sorted(run["chosen gained"] for run in runs)
    assert -5 < gained[0] < -3 < -1.5 < gained[1] <= gained[-1] < 1.5
    (poorest,) = [run for run in runs if run["chosen gained"] < -3]
    for asked in ("terms", "as trained"):
        found = [first_sentence(one) for one in poorest["answers"][asked]]
        assert share_of_form(found) < 0.15


def test_a_better_prompt_does_nearly_as_much():
    told = by_way(judge_blind(kept_makers(), TERMS))
    _, low, high = lead_of(told["chosen alone"], told["as trained"])
    assert low < 0 < high


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


def test_dpo_lost_to_stop_after_the_first_sentence_and_a_cut_adds_to_training():
    makers = kept_makers()
    whole = {
        way: [sum(one.strip() == first_sentence(one) and one.strip()[-1:] in ".!?" for one in some)
              for some in by_seed]
        for way, by_seed in by_way(makers).items()
    }  # fmt: skip
    assert whole["untrained"] == [20] and max(whole["DPO"]) == 8
    cut = {who: [first_sentence(one) for one in some] for who, some in makers.items()}
    kept = by_way(judge_blind(cut, TERMS))
    lead = {way: lead_of(kept[way], kept["untrained"]) for way in ("chosen alone", "DPO")}
    assert lead["chosen alone"][0] == pytest.approx(0.2, abs=0.05) and lead["chosen alone"][1] > 0
    assert lead["DPO"][0] == pytest.approx(0.4, abs=0.05)
    assert lead["DPO"][1] > lead["chosen alone"][0]
