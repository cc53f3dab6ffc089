"""One sentence through whole models: the boxes, the shapes of a run, and what each step does.

The still shows each model from a bird's view, and a block opened. On the website the reader goes
through a model step by step, opens its blocks down to one head's numbers, and lets the three
models of the book read another sentence (`flow.js`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from lessons.plots.checked_weights import check_reader
from lessons.plots.diagrams import arrows_of, diagram, way_between
from lessons.plots.flow_words import (
    ATTENTION,
    CAUSAL,
    EMBEDDING,
    FAMILIES,
    FEED,
    JOIN,
    SOFTMAX,
    Family,
)
from lessons.plots.style import ThemedFigure, beside


class Run(NamedTuple):
    """What one model made of a text.

    `words` are the tokens that it read and, of an encoder–decoder, those that were written;
    `seen` is what :func:`lessons.blocks.probes.record` kept, and the model's answer as `logits`.
    """

    words: Sequence[Sequence[str]]
    seen: Mapping[str, Tensor]


def flow_figure(text: str, runs: Mapping[str, Run]) -> ThemedFigure:
    """Draw how a sentence passes through models; on the website, step by step.

    Args:
        text: What they read.
        runs: By the name of the book's model ("encoder", "decoder" or "translator"), its run.

    Raises:
        ValueError: There are fewer than two runs, a model is none of the book's, a run lacks its
            tokens, or something that passes.

    >>> import torch
    >>> seen = {name: torch.zeros(1, 2, 4) for name in ("embedded", "logits")}
    >>> run = Run([["a", "b"]], seen)
    >>> flow_figure("a b", {"encoder": run, "decoder": run}).alt[:52]
    'Encoder-only: a b. Tokens (2) goes to embedding (2 ×'
    """
    for name, run in runs.items():
        check_reader(name)
        sides = 2 if name == "translator" else 1
        if len(run.words) != sides:
            raise ValueError(
                f"the {name} has {sides} list{'s' * (sides > 1)} of tokens: pass words=[read"
                f"{', written' * (sides > 1)}]"
            )
    data = {name: _model(name, run) for name, run in runs.items()}
    stills = {model["model"]: _still(model, model["whole"], text) for model in data.values()}
    for model in data.values():
        if opened := next((box for box in model["whole"]["boxes"] if "inside" in box), None):
            name = f"{opened['name'].partition('#')[0]} of the {model['model']} model"
            inside = model["insides"][opened["inside"]]
            stills[name] = _still(model, inside, f"Inside {name}", opened["prefix"])
            break
    drawn = beside(stills)
    return ThemedFigure(drawn.svg, drawn.alt, live=("flow", {"text": text, "models": data}))


def _model(name: str, run: Run) -> dict[str, Any]:
    """Return what the page gets of a model: its boxes, ways and words, and a run's shapes."""
    family = FAMILIES[name]
    shapes = {probe: list(value.shape[1:]) for probe, value in run.seen.items()}
    for words, probe in zip(run.words, ["tokens", "written"], strict=False):
        shapes[probe] = [len(words)]
    whole, insides = (_two_texts if name == "translator" else _one_text)(family, run.seen)
    for box in whole["boxes"]:
        parts = insides[box["inside"]]["boxes"] if "inside" in box else []
        inner = [f"{box['prefix']}.{part['probe']}" for part in parts if "told" in part]
        if missing := [probe for probe in [box["probe"], *inner] if probe not in shapes]:
            raise ValueError(
                f"the run has no {missing[0]}: pass all that `record` keeps, and `logits`"
            )
    return {
        "model": family.model,
        "words": [list(words) for words in run.words],
        "shapes": shapes,
        "whole": whole,
        "insides": insides,
    }


def _box(name: str, at: tuple, probe: str, view: str, told: str, *code: str, **more) -> dict:
    return {"name": name, "at": list(at), "probe": probe, "view": view, "told": told} | {
        "code": list(code),
        **more,
    }


def _tokens(column: float | int, row: int, probe: str, told: str) -> dict:
    return _box("tokens" if probe == "tokens" else "written", (column, row), probe, "tokens", told)


def _drawing(boxes: list[dict], flow: str) -> dict[str, Any]:
    """Return boxes with the ways between them."""
    at = {box["name"]: (float(box["at"][0]), float(box["at"][1])) for box in boxes}
    ways = [
        way_between(at[arrow.start], at[arrow.end], list(at.values())) for arrow in arrows_of(flow)
    ]
    return {"boxes": boxes, "flow": flow, "ways": ways}


def _one_text(family: Family, seen: Mapping[str, Tensor]) -> tuple[dict, dict]:
    """Return the boxes of a model of one text, and what is inside its blocks."""
    causal = family is FAMILIES["decoder"]
    boxes = [
        _tokens(0, 0, "tokens", "The text is cut into tokens. Each is a number of the vocabulary."),
        _box("embedding", (0, 1), "embedded", "numbers", family.embedded, EMBEDDING),
    ]
    told = "In a block each token looks at " + (
        "itself and at those before it" if causal else "all tokens"
    )
    code = "lessons.blocks.encoder.EncoderBlock"
    boxes += _blocks("layers", "block", told, code, seen, column=0, row=2, inside="block")
    answer = _box("logits", (0, len(boxes)), "logits", "logits", *family.logits)
    flow = " -> ".join(box["name"] for box in [*boxes, answer])
    return _drawing([*boxes, answer], flow), {"block": _inside(family, causal=causal)}


def _two_texts(family: Family, seen: Mapping[str, Tensor]) -> tuple[dict, dict]:
    """Return the boxes of an encoder–decoder, and what is inside its two kinds of blocks."""
    source = [
        _tokens(
            0, 0, "tokens", "The source is cut into tokens. Each is a number of the vocabulary."
        ),
        _box("embedding", (0, 1), "embedded_source", "numbers", family.embedded, EMBEDDING),
    ]
    told = "In a block of the encoder each token looks at all tokens of the source"
    code = "lessons.blocks.encoder.EncoderBlock"
    source += _blocks("encoder", "encoder", told, code, seen, column=0, row=2, inside="block")
    done = (
        "A norm, and the source is read. This is kept, and each block of the decoder looks at it."
    )
    above = len(source)
    code = "lessons.families.encoder_and_decoder.EncoderDecoder"
    source.append(_box("memory", (0, above), "memory", "numbers", done, code))
    told = "What is written, behind a start token (T5's is <pad>), when only the end is to come."
    target = [
        _tokens(1.4, above - 2, "written", told),
        _box("embedding#2", (1.4, above - 1), "embedded_target", "numbers", family.embedded,
             EMBEDDING),
    ]  # fmt: skip
    told = "In a block of the decoder each token looks at itself and those before it, then at the "
    told += "memory"
    code = "lessons.blocks.decoder.DecoderBlock"
    blocks = _blocks(
        "decoder", "decoder", told, code, seen, column=1.4, row=above, inside="crossing"
    )
    top = above + len(blocks)
    answer = _box("logits", (1.4, top), "logits", "logits", *family.logits)
    chains = [
        " -> ".join(box["name"] for box in side) for side in (source, [*target, *blocks, answer])
    ]
    chains += [f"memory -> {block['name']}" for block in blocks]
    insides = {
        "block": _inside(family, causal=False),
        "crossing": _inside(family, causal=True, crosses=True),
    }
    return _drawing([*source, *target, *blocks, answer], "\n".join(chains)), insides


def _blocks(
    side: str,
    name: str,
    told: str,
    code: str,
    seen: Mapping[str, Tensor],
    *,
    column: float | int,
    row: int,
    inside: str,
) -> list[dict]:
    count = sum(probe.startswith(f"{side}.") and probe.endswith(".out") for probe in seen)
    told += ", then each thinks by itself. Open it to see how."
    return [
        _box(f"{name} {n}", (column, row + n), f"{side}.{n}.out", "numbers", told, code,
             inside=inside, prefix=f"{side}.{n}")
        for n in range(count)
    ]  # fmt: skip


def _heads(family: Family, probe: str, row: int, *, causal: bool, end: str) -> list[dict]:
    """Return the boxes of attention: query, key and value, and above them what is made of them."""
    crosses = probe == "cross"
    whose = "the memory" if crosses else family.before
    also = ", behind a norm," if crosses else ""
    scores, compare = family.scores
    if crosses:
        scores = (
            "Each query meets each key of the source: their dot product, which T5 does not divide."
        )
    hidden = " Later tokens get none." if causal else ""
    made = "A matrix makes of"
    asks = f"{made} what is written{also}" if crosses else f"{made} {whose}"
    return [
        _box(f"query{end}", (0, row), f"{probe}.query", "heads",
             f"{asks} a query for each token in each head: what it looks for.", ATTENTION),
        _box(f"key{end}", (1, row), f"{probe}.key", "heads",
             f"{made} {whose} a key for each token: what it is found by.", ATTENTION),
        _box(f"value{end}", (2, row), f"{probe}.value", "heads",
             f"{made} {whose} a value for each token: what it hands over.", ATTENTION),
        _box(f"scores{end}", (0, row + 1), f"{probe}.scores", "scores", scores, compare),
        _box(f"weights{end}", (1, row + 1), f"{probe}.weights", "map",
             f"A softmax makes of each query's scores weights that sum to one.{hidden}",
             SOFTMAX, *([CAUSAL] if causal else [])),
        _box(f"mixed{end}", (2, row + 1), f"{probe}.mixed", "heads",
             "Each token reads a mixture: the values, each times its weight.", ATTENTION),
    ]  # fmt: skip


def _inside(family: Family, *, causal: bool, crosses: bool = False) -> dict[str, Any]:
    """Return the boxes within a block; `in` is what comes in, and no step of its own."""
    joined = "The heads' answers are joined, turned by a matrix, and "
    boxes = _heads(family, "attention", 1, causal=causal, end="")
    added = joined + family.after
    boxes.append(_box("attended", (1, 3), "attended", "numbers", added, JOIN, family.norm))
    flow = ["in -> query, key, value", "query, key -> scores -> weights -> mixed -> attended"]
    flow += ["value -> mixed", "in -> attended"]
    last, row = "attended", 4
    more = []
    if crosses:
        boxes += _heads(family, "cross", 4, causal=False, end="#2")
        boxes.append(_box("crossed", (1, 6), "crossed", "numbers", added, JOIN, family.norm))
        flow += ["attended -> query#2", "memory -> key#2, value#2", "attended -> crossed"]
        flow += ["query#2, key#2 -> scores#2 -> weights#2 -> mixed#2 -> crossed"]
        flow += ["value#2 -> mixed#2"]
        last, row = "crossed", 7
        more = [{"name": "memory", "at": [2, 3], "probe": "memory"}]
    spread = (
        f"Each token by itself: a matrix spreads {family.before} over more numbers, and "
        f"{family.bend} bends them."
    )
    back = f"A matrix brings them back to the width of a vector. They are {family.after}"
    boxes += [
        _box("hidden", (1, row), "feed_forward.hidden", "numbers", spread, FEED),
        _box("out", (1, row + 1), "out", "numbers", back, FEED, family.norm),
    ]
    flow += [f"{last} -> hidden -> out", f"{last} -> out"]
    comes = {"name": "in", "at": [1, 0], "probe": "out"}
    return _drawing([comes, *more, *boxes], "\n".join(flow))


def _still(model: dict, drawing: dict, title: str, prefix: str = "") -> ThemedFigure:
    shapes = {}
    for box in drawing["boxes"]:
        probe = f"{prefix}.{box['probe']}" if prefix and box["name"] != "memory" else box["probe"]
        shapes[box["name"]] = model["shapes"][probe]
    at = {box["name"]: tuple(box["at"]) for box in drawing["boxes"]}
    told = title if prefix else f"{model['model'].capitalize()}: {title}"
    return diagram(drawing["flow"], title=told, shapes=shapes, at=at)
