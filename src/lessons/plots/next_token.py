"""The distribution of the next token as a figure: what a model offers, and what filters leave."""

from collections.abc import Sequence

import matplotlib
from jaxtyping import Float
from torch import Tensor

from lessons.plots.style import GRID, INK, SERIES, STYLE, ThemedFigure, finish, new_figure

SENT = 400  # tokens whose logits the page gets; of a larger vocabulary, the most probable ones


def next_token_figure(
    tokens: Sequence[str],
    before: Float[Tensor, " vocab"],
    after: Float[Tensor, " vocab"],
    *,
    temperature: float,
    k: int,
    p: float,
    shown: int = 12,
    prompt: str | None = None,
) -> ThemedFigure:
    """Draw the most probable next tokens, before and after temperature, top-k and top-p.

    On the website the figure is alive: the reader moves the three settings, and the browser
    filters the same logits anew (`next-token.js`), in this order. With a prompt the reader can
    write another one, which the book's decoder reads in the browser.

    Args:
        tokens: The vocabulary.
        before: The model's logits.
        after: The logits that the filters leave with the settings that follow.
        temperature: What the logits were divided by.
        k: How many tokens top-k kept.
        p: How much probability top-p kept.
        shown: How many tokens are drawn; the others make one bar.
        prompt: What the book's decoder read, if the logits are its own.

    Raises:
        ValueError: The tokens are not as many as the logits, or fewer than are shown.

    >>> import torch
    >>> before = torch.tensor([0.5, 0.3, 0.2]).log()
    >>> after = before.masked_fill(before < -1.5, -torch.inf)
    >>> next_token_figure(["a", "b", "c"], before, after, temperature=1.0, k=2, p=1.0,
    ...                   shown=2).alt
    'Next token, filtered (the model): a 0.62 (0.50), b 0.38 (0.30), the 1 others 0.00 (0.20).'
    """
    if len(tokens) != len(before) or len(tokens) <= shown:
        raise ValueError(
            f"{len(tokens)} tokens and {len(before)} logits: pass as many of each, and more than "
            f"the {shown} that are shown"
        )
    order = before.argsort(descending=True, stable=True)
    offered, left = (logits.softmax(dim=-1)[order] for logits in (before, after))
    names = [tokens[i] for i in order[:shown].tolist()] + [f"the {len(tokens) - shown} others"]
    model, filtered = (
        [*share[:shown].tolist(), float(share[shown:].sum())] for share in (offered, left)
    )
    still = _bars(names, model, filtered)
    data = {
        "tokens": [tokens[i] for i in order[:SENT].tolist()],
        "logits": [round(z, 4) for z in before[order[:SENT]].tolist()],
        "shown": shown,
        "settings": {"temperature": temperature, "k": k, "p": p},
    }
    if prompt is not None:
        data["reads"] = {"kind": "decoder", "text": prompt}
    return ThemedFigure(still.svg, still.alt, live=("next-token", data))


def _bars(names: list[str], model: list[float], filtered: list[float]) -> ThemedFigure:
    """Draw a filled bar for what is left inside an outline of what the model offered."""
    with matplotlib.rc_context(STYLE):
        figure = new_figure(4.6, 0.6 + 0.21 * len(names))
        axes = figure.subplots()
        places = range(len(names))
        axes.barh(places, filtered, color=SERIES["blue"], height=0.75, label="after the filters")
        axes.barh(places, model, fill=False, ec=INK, lw=1, height=0.75, label="the model")
        axes.set_yticks(places, names)
        axes.set_xlabel("probability")
        axes.grid(axis="x", color=GRID, alpha=0.35, lw=0.6)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.legend(loc="lower right")
    told = ", ".join(
        f"{name} {after:.2f} ({before:.2f})"
        for name, before, after in zip(names, model, filtered, strict=True)
    )
    return finish(figure, f"Next token, filtered (the model): {told}.")
