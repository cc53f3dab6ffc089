"""The cover of the book: its title, and its own decoder at work."""

import io

import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessons.models import load

INK, GROUND = "#fee838", "#00224e"  # the ends of cividis, as in the book's mark
SENTENCE = "the keys near the old table are heavy ."


def cover(title: str, subtitle: str, authors: str) -> bytes:
    """Return the cover as a PNG of 1600 × 2400 pixels: attention, drawn from a run."""
    decoder = load("decoder", source="book")
    ids = decoder.tokenizer(SENTENCE, return_tensors="pt").input_ids
    with torch.no_grad():
        weights = decoder.model(ids, output_attentions=True).attentions[-1][0].mean(0)
    figure = Figure(figsize=(8, 12), dpi=200, facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.11, 0.3, 0.78, 0.52))
    axes.set_axis_off()
    count = len(weights)
    for query in range(count):
        for key in range(query + 1):
            alpha = 0.08 + 0.92 * float(weights[query, key] / weights[query].max())
            place = (key, count - query)
            axes.add_patch(Rectangle(place, 0.82, 0.82, color=INK, alpha=alpha, linewidth=0))
    axes.set(xlim=(0, count), ylim=(1, count + 1))
    axes.set_aspect("equal")
    figure.text(0.11, 0.87, title, color=INK, size=31, weight="bold")
    figure.text(0.11, 0.2, subtitle, color="white", size=16)
    figure.text(0.11, 0.08, authors, color="white", size=14)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=GROUND, metadata={"Software": None})
    return drawn.getvalue()
