"""Write a model's card: data, objective, metrics with baselines and intervals, seeds."""

import argparse
import json
import textwrap
from pathlib import Path

from lessons.models.judging.card_texts import DATA, OBJECTIVES, PLAIN, TEMPLATE, TITLES
from lessons.models.judging.evaluate import evaluate
from lessons.models.loading.loader import load
from lessons.models.making.resumable import Progress, whole_file


def score_and_write(
    name: str, folder: Path, seed: int, progress: Progress, *, objective: str = "book"
) -> None:
    """Score the model in `folder`; write its metrics.json and its README.md."""
    loaded = load(name, source="book", where=folder)
    run = {
        "name": name,
        "objective": objective,
        "seed": seed,
        "steps": len(progress.losses),
        "minutes": round(progress.seconds / 60, 1),
        "parameters": loaded.model.num_parameters(),
        "words": len(loaded.tokenizer),
        "scores": [score.as_dict() for score in evaluate(loaded)],
    }
    with whole_file(folder / "metrics.json") as path:
        path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_card(folder, [run])


def write_card(folder: Path, runs: list[dict]) -> None:
    """Write README.md: the first run is that of the weights, the others show the spread.

    Args:
        folder: Where the weights stand.
        runs: What metrics.json holds, of each run.

    Raises:
        ValueError: There is no run, or runs of different models are mixed.
    """
    if len({run["name"] for run in runs}) != 1:
        raise ValueError("a card describes one model: pass the metrics of its runs alone")
    with whole_file(folder / "README.md") as path:
        path.write_text(card_text(runs), encoding="utf-8")


def card_text(runs: list[dict]) -> str:
    """Return the card as Markdown."""
    own, name = runs[0], runs[0]["name"]
    plain = own["objective"] == "plain"
    return TEMPLATE.format(
        **{key: own[key] for key in ("name", "seed", "steps", "minutes", "parameters", "words")},
        language="[en, fr]" if name == "translator" else "en",
        title=TITLES[name],
        data=textwrap.fill(DATA[name], 98),
        objective=textwrap.fill(PLAIN if plain else OBJECTIVES[name], 98),
        flag=" --plain-mlm" if plain else "",
        metrics="\n".join(metrics_table(own)),
        spread="\n".join(_spread(runs)),
    )


def metrics_table(run: dict) -> list[str]:
    """Return the table of one run's scores, line by line."""
    lines = [
        "| metric | head | value | 95 % interval | sentences | baselines | demanded |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for score in run["scores"]:
        head = "{}.{}".format(*score["head"]) if score["head"] else ""
        rules = "; ".join(f"{rule} {value:.3f}" for rule, value in score["baselines"].items())
        bar = f"≥ {score['bar']}" if score["bar"] else ""
        lines.append(
            f"| {score['what']} | {head} | {score['value']:.3f} | {score['low']:.3f}–"
            f"{score['high']:.3f} | {score['count']} | {rules} | {bar} |"
        )
    return lines


def _spread(runs: list[dict]) -> list[str]:
    """Return the table of all runs; the first column of numbers is that of the weights."""
    labels = [
        f"seed {run['seed']}{', plain MLM' if run['objective'] == 'plain' else ''}" for run in runs
    ]
    lines = [f"| metric | {' | '.join(labels)} |", "| --- |" + " --- |" * len(runs)]
    for row in zip(*(run["scores"] for run in runs), strict=True):
        values = " | ".join(
            f"{score['value']:.3f}" + (" ({}.{})".format(*score["head"]) if score["head"] else "")
            for score in row
        )
        lines.append(f"| {row[0]['what']} | {values} |")
    return lines


def runs_of(folder: Path) -> list[dict]:
    """Return the run whose weights stand in a folder, then those in its `other-runs`.

    Args:
        folder: Holds `metrics.json`, and perhaps copies of other runs' in `other-runs`.
    """
    others = sorted((folder / "other-runs").glob("*.json"), reverse=True)
    files = [folder / "metrics.json", *others]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def main(arguments: list[str] | None = None) -> None:
    """Rewrite the card in FOLDER from its metrics.json and those in its other-runs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="the weights' folder, with its metrics.json")
    chosen = parser.parse_args(arguments)
    write_card(chosen.folder, runs_of(chosen.folder))


if __name__ == "__main__":
    main()
