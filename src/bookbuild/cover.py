"""The cover of the book: its title, and its own decoder at work."""

import io
import textwrap

import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bookbuild.drawings import GROUND, INK
from bookbuild.face import letters
from lessons.models import load

SENTENCE = "the keys near the old table are heavy ."


def cover(title: str, subtitle: str, authors: str) -> bytes:
    """Return the cover as a PNG of 1600 × 2400 pixels: attention, drawn from a run."""
    decoder = load("decoder", source="book")
    ids = decoder.tokenizer(SENTENCE, return_tensors="pt").input_ids
    with torch.no_grad():
        weights = decoder.model(ids, output_attentions=True).attentions[-1][0].mean(0)
    figure = Figure(figsize=(8, 12), dpi=200, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.11, 0.13, 0.78, 0.52))
    axes.set_axis_off()
    count = len(weights)
    for query in range(count):
        for key in range(query + 1):
            alpha = 0.1 + 0.9 * float(weights[query, key] / weights[query].max())
            place = (key, count - query)
            axes.add_patch(Rectangle(place, 0.82, 0.82, color=INK, alpha=alpha, linewidth=0))
    axes.set(xlim=(0, count), ylim=(1, count + 1))
    axes.set_aspect("equal")
    above = 0.91
    for words, width, weight, size, color, line in (
        (title, 18, 600, 43, "white", 0.055),
        (subtitle, 52, 400, 15, "#c3cede", 0.026),
    ):
        for said in textwrap.wrap(words, width):
            figure.text(
                0.11, above, said, color=color, fontproperties=letters(weight), fontsize=size
            )
            above -= line
        above += line - 0.05
    figure.text(0.11, 0.06, authors, color="white", fontproperties=letters(400), fontsize=13)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=GROUND, metadata={"Software": None})
    return drawn.getvalue()


def cover_of(book: dict) -> tuple[bytes, str]:
    """Return the cover of a book that `CITATION.cff` describes, and its words for who hears it."""
    authors = ", ".join(one["name"] for one in book["authors"])
    words = f"Cover: {book['title']}. {book['abstract']}"
    return cover(book["title"], book["abstract"], authors), words
