"""The numbers of model answers that take too long to compute on a page come from a run."""

import re
from functools import cache, partial
from pathlib import Path

import pytest
import torch
from torch import nn

from classroom.exercises.source import load_source, read
from lab import ClaimTest
from lab.behaviors import BEHAVIORS
from lessons import interpretation, limits, recurrence
from lessons.fit import fit
from lessons.foundations import wilson_interval
from lessons.models import load
from lessons.models.grammar import agreement

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow  # trains five small models, and takes 80 heads away
EVERY = [(layer, head) for layer in range(3) for head in range(4)]


def answer_to(task: str) -> str:
    """Return a written task's model answer."""
    text = (ROOT / "solutions" / f"{task.split('-')[0]}.md").read_text("utf8")
    named = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in read(text).cells}
    return named[task].source


def table_of(text: str) -> dict[str, list[str]]:
    """Return the cells of a table's rows, without emphasis, by the first cell."""
    lines = [line.replace("*", "").strip("|") for line in text.splitlines() if line[:1] == "|"]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


@cache
def source_of(topic: str):
    return load_source((ROOT / "solutions" / f"{topic}.md").read_text("utf8"))


def reference(exercise: str):
    """Return an exercise's own solution."""
    return source_of(exercise.split(".")[0]).exercises[exercise].reference.original


@cache
def loaded(name: str):
    return load(name, source="book")


def without(model, heads, measure) -> float:
    with interpretation.ablate_heads(model, heads):
        return measure()


def with_instead(model, head, value, measure) -> float:
    with interpretation.edit_sites(model, {head: lambda written: value.expand_as(written)}):
        return measure()


def test_three_ways_to_silence():
    model, rows = loaded("decoder").model, table_of(answer_to("interpretation-7"))
    ids = interpretation.said_twice(loaded("decoder"), 100, seed=0)
    copied = partial(interpretation.copied_share, model, ids)
    with interpretation.record_heads(model) as written:
        whole = copied()
    assert f"copies {whole:.2f}" in answer_to("interpretation-7")
    usual = reference("interpretation.3")
    for head in ((0, 3), (1, 2), (2, 3)):
        real = torch.ones(written[head].shape[:2], dtype=torch.bool)
        left = [
            without(model, [head], copied),
            with_instead(model, head, written[head].mean(dim=(0, 1)), copied),
            with_instead(model, head, usual(written[head], real), copied),
        ]
        told = [float(cell) for cell in rows["{}.{}".format(*head)]]
        assert told == pytest.approx([whole - one for one in left], abs=0.0051), head


@cache
def claim_test() -> ClaimTest:
    return ClaimTest(loaded("encoder"), loaded("decoder"))


def lost_words(verdict, kind: str) -> str:
    lost, worse, better = verdict.lost[kind]
    return f"{lost:.2f} is lost ({worse} worse, {better} better)"


def subject_number(sentence) -> str:
    return agreement.number(sentence.tokens[interpretation.verb_links(sentence)[0][1]])


def test_the_claim_that_stood():
    text = " ".join(answer_to("interpretation-8").split())
    one, control = (
        claim_test().verdict(f"head {head} finds the subject") for head in ("2.2", "1.2")
    )
    assert one.status == "accepted" and control.status == "looks, but is not needed"
    assert f"{one.rate:.2f} of {one.sentences} sentences ({one.interval[0]:.2f}–" in text
    assert one.rule == "the first noun" and f"the first noun, gets {one.rule_rate:.2f}" in text
    [(claimed, ruled, count)] = one.edits.values()
    told = f"In these {count} sentences the head looks at the subject in {claimed}, and at the "
    assert f"{told}first noun in {ruled}." in text
    assert f"right in {one.right:.2f}. With head 2.2 at its mean {lost_words(one, 'means')}" in text
    for kind, name in (("another's", "another sentence's values"), ("zeros", "zeros")):
        lost, worse, better = one.lost[kind]
        assert f"with {name} {lost:.2f} ({worse} worse, {better} better)" in text
    means, another, zeros = (control.lost[kind][0] for kind in ("means", "another's", "zeros"))
    assert f"({control.rate:.2f}), and without it {means}, {another} and {zeros} are lost" in text
    behavior, decoder = BEHAVIORS["finds the subject"], loaded("decoder")
    some = behavior.sentences()
    others = interpretation.alike(some, behavior.others)
    pairs = zip(some, others, strict=True)
    unlike = torch.tensor([subject_number(one) != subject_number(of[0]) for one, of in pairs])
    put = interpretation.silences(decoder, some, others)["another's"]
    with interpretation.silenced(decoder.model, put, [(2, 2)]):
        wrong = ~behavior.right(decoder, some).bool()
    told = f"*other* number in {unlike.sum()} of 150, and there {wrong[unlike].sum()} of the "
    assert f"{told}{wrong.sum()} were lost" in text
    assert len(text.split()) <= 250  # as the task asks


def test_the_claim_that_fell():
    text = " ".join(answer_to("interpretation-9").split())
    one, control = (
        claim_test().verdict(f"head {head} resolves pronouns") for head in ("1.1", "0.0")
    )
    assert one.status in text and one.rule == "the word 3 ahead, looked up"
    assert f"{one.rate:.2f} of {one.sentences} sentences ({one.interval[0]:.2f}–" in text
    assert f"best simple rule ({one.rule_rate:.2f}, the adjective looked up)" in text
    assert set(one.lost.values()) == {(0, 0, 0)}
    assert f"below {wilson_interval(0, 150)[1]:.3f}" in text
    assert f"head 0.0 at its mean {lost_words(control, 'means')}" in text
    assert f"never looks from *it* to the antecedent ({control.rate:.2f})" in text
    looking = [
        head
        for head in EVERY
        if claim_test().verdict("head {}.{} resolves pronouns".format(*head)).status == one.status
    ]
    assert len(looking) == 5 and {layer for layer, _ in looking} == {1, 2}
    adjective, ahead, count = (
        claim_test().verdict("head 0.0 reads the adjective").edits["without 'too'"]
    )
    assert f"adjective in {adjective}, and three ahead in {ahead} of {count}" in text


def test_the_choice_of_a_mechanism():
    text, space = answer_to("limits-10"), {"torch": torch, "limits": limits}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], space)
    chosen, best = space["read_first_and_last"], reference("limits.9")
    ways = {
        "all, softmax": limits.read_by_softmax,
        "window of 12": limits.read_last(12),
        "first 4, last 8": chosen,
        "best 4 of all": partial(read_best_of, best),
        "linear": limits.read_linearly,
    }

    def read_best_taught_by_all(query, key, value):
        mixed = limits.read_by_softmax(query, key, value)
        return mixed + (ways["best 4 of all"](query, key, value) - mixed).detach()

    draw = best.__globals__["draw_contracts"]
    contracts = draw(torch.Generator().manual_seed(1), 1000)
    anywhere = limits.draw_recall(torch.Generator().manual_seed(2), pairs=48, texts=1000)
    rows, models = table_of(text), {}
    for name, read_pairs in ways.items():
        models[name] = limits.Recaller(read_pairs)
        fit(models[name], draw, limits.recall_loss, steps=300, learning_rate=0.03)
        found = [limits.share_recalled(models[name], texts) for texts in (contracts, anywhere)]
        assert found == pytest.approx([float(cell) for cell in rows[name][:2]], abs=0.02), name
    taught = limits.Recaller(read_best_taught_by_all)
    fit(taught, draw, limits.recall_loss, steps=300, learning_rate=0.03)
    assert limits.share_recalled(taught, contracts) > 0.99
    models["all, softmax"].read = ways["best 4 of all"]
    assert limits.share_recalled(models["all, softmax"], contracts) > 0.99
    query, key, value = torch.randn(3, 2, 10, 16, generator=torch.Generator().manual_seed(0))
    whole = limits.read_by_softmax(query[:, :1], key, value)
    assert torch.allclose(chosen(query[:, :1], key, value), whole, rtol=0, atol=1e-6)


def test_what_the_teacher_hides():
    """The chapter's LSTM, trained as there, has the shares that the answer tells."""
    text, sizes = answer_to("recurrence-9"), [len(words) for words in recurrence.fragment()]
    torch.manual_seed(0)
    parts = recurrence.Encoder(sizes[0], 64, nn.LSTM), recurrence.Decoder(sizes[1], 64, nn.LSTM)
    model = recurrence.EncoderDecoder(*parts)
    draw = partial(recurrence.draw_batch, size=24, phrases=[1, 2, 3], talk=0.3)
    for seed, steps in enumerate((400, 1200)):
        learn = partial(fit, steps=steps, learning_rate=0.012, seed=seed)
        learn(model, draw, recurrence.teacher_forcing_loss)
    test = recurrence.draw_batch(torch.Generator().manual_seed(1003), size=300, phrases=[3])
    real = recurrence.words_of(test)
    forced, free = recurrence.forced_right(model, test), recurrence.free_right(model, test)
    whole = [(right | ~real).all(dim=1) for right in (forced, free)]
    assert whole[0].equal(whole[1])
    behind = recurrence.after_mistake(free, test)
    written = recurrence.write(model.decoder, model.encoder(test.source), 40)
    shares = [float(right[at].float().mean()) for at in (real, behind) for right in (forced, free)]
    other = nn.functional.pad(written, (0, 9)).roll(1, dims=0)  # those of another sentence
    by_place = (other[:, : real.shape[1]] == test.following)[behind].float().mean()
    shares += [recurrence.in_order(words, test, behind) for words in (written, other)]
    shares += [float(by_place), float(whole[0].float().mean())]
    said = text.split("In the chapter")[1].split("(c)")[0]
    # Where sums are rounded otherwise the training is another one: 0.065 off on one processor.
    assert shares == pytest.approx([float(one) for one in re.findall(r"0\.\d\d", said)], abs=0.1)
    _, _, forced, by_place, in_order, other_in_order, *_ = shares
    assert other_in_order + 0.1 < by_place + 0.1 < in_order < forced - 0.2


def read_best_of(best, query, key, value):
    """Let the function of exercise 9, which knows no batch, read for each text of one."""
    visible = torch.ones(1, key.shape[1], dtype=torch.bool)
    read_one = torch.func.vmap(lambda *text: best(*text, visible, 4)[0])
    return read_one(query, key, value)
