"""Write the cards of the pretrained models that come in wheels, scored on open English.

`python -m lessons.models.judging.wheel_card decoder` scores the model, which takes some minutes,
and writes `metrics.json` and `README.md` into its folder under `weights/`.
"""

import argparse
import json
import textwrap
from importlib.metadata import version
from pathlib import Path

from lessons.models.judging.card import metrics_table
from lessons.models.judging.measure import best_head
from lessons.models.judging.model_scores import Score, proportion
from lessons.models.judging.open_english_scores import (
    looks_right,
    meanings_right,
    next_words,
    score_looking,
)
from lessons.models.loading.loader import WEIGHTS, Loaded, load
from lessons.models.loading.wheels import WHEELS
from lessons.models.making.resumable import whole_file
from lessons.models.open_english.item_sets import DRAWS, english_items

FOLDERS = {"encoder": WEIGHTS / "minilm", "decoder": WEIGHTS / "smollm2"}
POINTED = {
    "encoder": ("gendered names", "things and people", "schemas"),
    "decoder": ("gendered names", "things and people", "schemas", "agreement", "repeated lists"),
}
TEXTS = {
    "encoder": {
        "title": "MiniLM: all-MiniLM-L6-v2, a small BERT",
        "license": "apache-2.0",
        "what": (
            "An encoder of BERT's kind (Wang et al. 2020), trained further by the authors of "
            "sentence-transformers so that sentences of similar meaning get similar vectors. It "
            "has no head that predicts words. The weights are those of "
            "sentence-transformers/all-MiniLM-L6-v2, under the Apache License 2.0; its own card "
            "lies beside them in the package, whose code is under the MIT License. What it read "
            "is listed there: more than a billion pairs of sentences."
        ),
        "how": (
            "The package carries the weights in full precision, in the hub's format: they are "
            "read where they are installed."
        ),
        "cost": "Nothing was quantized.",
        "limits": (
            "It was trained to compare sentences, not to resolve pronouns: that a head points to "
            "an antecedent is a finding, not a purpose."
        ),
    },
    "decoder": {
        "title": "SmolLM2-135M-Instruct, a small Llama, quantized to 4 bits",
        "license": "apache-2.0",
        "what": (
            "A decoder of Llama's kind by Hugging Face, trained on text from the web, on "
            "textbooks and on code, then tuned to follow instructions: it is no plain language "
            "model, and what it makes of a bare text may owe something to the tuning. Model and "
            "package are under the Apache License 2.0; nothing of the model is stored in this "
            "repository."
        ),
        "how": (
            "The package carries a GGUF file: matrices in blocks of 32 numbers of 4 bits with a "
            "scale and a least value (Q4_1), the table of tokens in 8 bits (Q8_0), the norms in "
            "full. The book dequantizes it once into half precision, in a folder of the "
            "environment (`lessons.models.loading.prepared`); the numbers are those that "
            "transformers' reader finds, bit by bit, before they are rounded to half precision. "
            "The tokenizer is read from the file, too. Unlike that reader's it cuts digits apart, "
            "as llama.cpp does."
        ),
        "cost": (
            "Unknown here. What 4 bits cost is told by comparing with the unquantized model, "
            "which is in no package: offline there is nothing better than the model itself to "
            "compare it with, and this card gives no such number."
        ),
        "limits": (
            "It is small and states falsehoods fluently. A head that reads a pronoun cannot see "
            "the words after it: where these decide, as in the schemas, no head can be right at "
            "the pronoun more often than by chance, and only the next word, later, can."
        ),
    },
}
TEMPLATE = """\
---
language: en
license: {license}
library_name: transformers
---

# {title}

{parameters:,} parameters; a vocabulary of {words:,} tokens.

## What it is

{what}

## How it comes here

In the package {package} {version}, pinned with its digest in `wheels.txt`, and opened by
`load("{name}", source="wheel")`. It was not trained here, so there is no curve and no second seed.

{how}

## What quantization cost

{cost}

## Metrics

On the test split of the sets of open English (`lessons.models.open_english`), whose words and
frames are not those of the validation split. Heads are chosen on the validation split; layers and
heads count from 0. Chosen means: the right word, or the right place, gets more than the wrong ones.
The baselines of places are the best of the rules first, second, nearest and subject.

{metrics}

## Limits

{limits}

The sets are made from templates, so sentences share frames: the intervals count them as
independent.
"""


def wheel_scores(loaded: Loaded) -> list[Score]:
    """Score a wheel's model on the open-English sets that it can be asked."""
    scores = [_pointing(loaded, name) for name in POINTED[loaded.name]]
    if loaded.name == "encoder":
        known, asked = (english_items("homographs", split=part) for part in ("validation", "test"))
        right = meanings_right(loaded, known, asked, layer=-1)
        return [*scores, proportion("homographs: the mean vector of its meaning is nearer, last "
                                    "layer", right, baselines={"either": 0.5})]  # fmt: skip
    for name in DRAWS:
        preferred, chosen = next_words(loaded, english_items(name))
        scores.append(
            proportion(f"{name}: the right next word is likelier than the wrong one", preferred,
                       baselines={"either": 0.5})
        )  # fmt: skip
        if name in ("repeated lists", "capitals", "number words"):
            scores.append(
                proportion(f"{name}: the right next word is the likeliest of all", chosen)
            )
    return scores


def _pointing(loaded: Loaded, name: str) -> Score:
    """Score the head that looks right most often on the validation split."""
    known, asked = (english_items(name, split=part) for part in ("validation", "test"))
    head = best_head(looks_right(loaded, known).float())
    what = f"{name}: looks more at the right place than at the others, best head"
    return score_looking(what, looks_right(loaded, asked), asked, head)


def card_text(run: dict) -> str:
    """Return the card as Markdown, from what `metrics.json` holds."""
    texts = TEXTS[run["name"]]
    filled = {key: textwrap.fill(texts[key], 98) for key in ("what", "how", "cost", "limits")}
    return TEMPLATE.format(
        **{key: run[key] for key in ("name", "package", "version", "parameters", "words")},
        title=texts["title"], license=texts["license"], metrics="\n".join(metrics_table(run)),
        **filled,
    )  # fmt: skip


def write_wheel_card(name: str, folder: Path) -> None:
    """Score the wheel's encoder or decoder; write metrics.json and README.md into a folder."""
    loaded = load(name, source="wheel")
    run = {
        "name": name,
        "package": WHEELS[name].package,
        "version": version(WHEELS[name].package),
        "parameters": loaded.model.num_parameters(),
        "words": len(loaded.tokenizer),
        "scores": [score.as_dict() for score in wheel_scores(loaded)],
    }
    folder.mkdir(exist_ok=True)
    with whole_file(folder / "metrics.json") as path:
        path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with whole_file(folder / "README.md") as path:
        path.write_text(card_text(run), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Score a wheel's model on open English and write its card."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("name", choices=list(FOLDERS))
    name = parser.parse_args(arguments).name
    write_wheel_card(name, FOLDERS[name])


if __name__ == "__main__":
    main()
