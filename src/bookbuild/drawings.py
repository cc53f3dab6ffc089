"""Drawings of what the book's parts are about, in cells, as the book's mark is one.

Each is a map of numbers between 0 and 1, eight rows of 56, that is computed from what it shows: a
sentence whose pieces merge, sinusoids, a mask, a loss that falls. Few need a draw, and its seed
stands here.
"""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np

ROWS, COLUMNS = 8, 56
GROUND, INK = "#00224e", "#fee838"  # the ends of cividis, as in the book's mark
LEVELS = (0.12, 0.3, 0.55, 0.78, 1.0)
SENTENCE = "the animal didn't cross the street because it was tired."

ROW, COLUMN = np.mgrid[:ROWS, :COLUMNS]


def foundations() -> np.ndarray:
    """Draw a valley, and steps of gradient descent into it."""
    valley = ((COLUMN - 36) / 36) ** 2 * 7
    place, map_ = 1.0, 0.2 * (ROW >= 7 - valley)
    for _ in range(14):
        height = int(7 - ((place - 36) / 36) ** 2 * 7)
        map_[max(height, 0), round(place)] = 1
        place -= 0.34 * (place - 36)
    return map_


def tokens() -> np.ndarray:
    """Draw a sentence, letter by letter, and then, in each row, after one more merge."""
    pieces, map_ = list(SENTENCE), np.zeros((ROWS, COLUMNS))
    for row in range(ROWS):
        ends = np.cumsum([len(piece) for piece in pieces])
        merged = 0
        for piece, end in zip(pieces, ends, strict=True):
            merged += len(piece) > 1
            shade = 0.12 if len(piece) == 1 else (1, 0.55)[merged % 2]
            map_[row, end - len(piece) : end] = shade
        (one, two), _times = Counter(pairwise(pieces)).most_common(1)[0]
        pieces = _merged(pieces, one, two)
    return map_


def _merged(pieces: list[str], one: str, two: str) -> list[str]:
    merged: list[str] = []
    for piece in pieces:
        if merged and merged[-1] == one and piece == two:
            merged[-1] = one + two
        else:
            merged.append(piece)
    return merged


def recurrence() -> np.ndarray:
    """Draw what is left of each word in a state that keeps four fifths per step."""
    age = 7 * (ROW + 1) - 1 - COLUMN
    return np.where(age >= 0, 0.8 ** np.maximum(age, 0), 0)


def attention() -> np.ndarray:
    """Draw a softmax over random scores, in which nobody sees what comes later."""
    return np.sqrt(_causal_softmax(2, seed=0))


def _causal_softmax(spread: float, *, seed: int) -> np.ndarray:
    """Return weights from random scores, each row's largest 1."""
    scores = spread * np.random.default_rng(seed).standard_normal((ROWS, COLUMNS))
    weights = np.exp(np.where(COLUMN < 7 * (ROW + 1), scores, -np.inf))
    return weights / weights.max(1, keepdims=True)


def positions() -> np.ndarray:
    """Draw sinusoids: a row for each wavelength, a column for each place."""
    return (1 + np.sin(COLUMN * 2 ** (1 - ROW.astype(float)))) / 2


def blocks() -> np.ndarray:
    """Draw eight numbers of a stream to which each block adds a little."""
    added = np.random.default_rng(3).standard_normal((ROWS, COLUMNS))
    stream = np.abs(np.cumsum(added, 1))
    return stream / stream.max()


def families() -> np.ndarray:
    """Draw who sees whom in an encoder, in a decoder, and in an encoder-decoder."""
    map_ = np.zeros((ROWS, COLUMNS))
    map_[:, :16] = 0.8
    map_[:, 20:36] = 0.8 * (COLUMN[:, :16] < 2 * (ROW[:, :16] + 1))
    map_[:, 40:48] = 0.35
    map_[:, 48:] = 0.8 * (COLUMN[:, :8] <= ROW[:, :8])
    return map_


def generation() -> np.ndarray:
    """Draw eight steps of writing: what a cache keeps, and what is new."""
    length = 6 * (ROW + 1) + 7
    return np.where(length > COLUMN, 0.3, 0) + 0.7 * ((length > COLUMN) & (length - 6 <= COLUMN))


def training() -> np.ndarray:
    """Draw a loss that falls."""
    noise = np.random.default_rng(1).standard_normal(COLUMNS)
    loss = 7.5 * np.exp(-np.arange(COLUMNS) / 14) + 0.6 + 0.3 * noise
    height = ROWS - ROW - 1
    return np.where(height < loss, np.where(height + 1 >= loss, 1, 0.3), 0)


def adaptation() -> np.ndarray:
    """Draw a matrix of rank one: a column times a row."""
    draw = np.random.default_rng(5)
    map_ = np.abs(np.outer(draw.standard_normal(ROWS), draw.standard_normal(COLUMNS)))
    return np.sqrt(map_ / map_.max())


def alignment() -> np.ndarray:
    """Draw how likely the better answer is, and the worse one, as their rewards move apart."""
    better = 1 / (1 + np.exp(-(COLUMN - 14) / 8))
    return np.where(ROW < 4, better, 1 - better) * (ROW % 4 < 3)


def practice() -> np.ndarray:
    """Draw weights, and the same weights in two bits."""
    weights = (1 + np.sin(COLUMN / 4.2) * np.cos(COLUMN / 9 + ROW % 4)) / 2
    return np.where(ROW < 4, weights, np.round(weights * 3) / 3)


def interpretation() -> np.ndarray:
    """Draw eight heads on one sentence, and one of them silent."""
    scores = np.abs(np.random.default_rng(8).standard_normal((ROWS, COLUMNS))) ** 3
    map_ = np.sqrt(scores / scores.max(1, keepdims=True))
    map_[4] = 0
    return map_


def limits() -> np.ndarray:
    """Draw a window that moves along, and the first tokens, which stay."""
    age = 7 * (ROW + 1) - 1 - COLUMN
    return np.where((age >= 0) & (age < 12), 0.9, np.where(age >= 0, 0.12, 0)) + 0.5 * (
        (COLUMN < 3) & (age >= 12)
    )


def lab() -> np.ndarray:
    """Draw a map of which one cell is asked about."""
    map_ = 0.3 * attention()
    map_[5, 30] = 1
    return map_


def book() -> np.ndarray:
    """Draw a word in each row, and how much it might take from each word before it."""
    return np.cbrt(_causal_softmax(3, seed=2026))


DRAWINGS: dict[str, Callable[[], np.ndarray]] = {
    drawing.__name__: drawing
    for drawing in (
        *(foundations, tokens, recurrence, attention, positions, blocks, families, generation),
        *(training, adaptation, alignment, practice, interpretation, limits, lab),
    )
}


def told(draw: Callable[[], np.ndarray]) -> str:
    """Return what a drawing shows, as its caption.

    >>> told(training)
    'A loss that falls.'
    """
    said = " ".join((draw.__doc__ or "").split()).removeprefix("Draw ")
    return said[:1].upper() + said[1:]


def levels(map_: np.ndarray) -> np.ndarray:
    """Return a map in few levels, of which 0 is not drawn.

    >>> levels(np.array([0.0, 0.04, 0.1, 0.5, 1.0]))
    array([0, 0, 1, 3, 5])
    """
    bounds = [0.05, *((a + b) / 2 for a, b in pairwise(LEVELS))]
    return np.digitize(map_, bounds)


def svg(map_: np.ndarray) -> str:
    """Return a drawing of a map, which says nothing to whoever does not see it."""
    found = levels(map_)
    paths = (
        f'<path opacity="{opacity:g}" d="{_cells(found == number)}"/>'
        for number, opacity in enumerate(LEVELS, start=1)
    )
    rows, columns = map_.shape
    return (
        f'<svg aria-hidden="true" viewBox="0 0 {10 * columns} {10 * rows}" '
        f'preserveAspectRatio="xMinYMid slice" fill="{INK}">{"".join(paths)}</svg>'
    )


def _cells(there: np.ndarray) -> str:
    """Return the way around each cell, in which neighbors of a row are one."""
    way = []
    for row, cells in enumerate(there):
        for column in np.flatnonzero(cells):
            way.append(f"M{10 * column} {10 * row}h8v8h-8z")
    return "".join(way)
