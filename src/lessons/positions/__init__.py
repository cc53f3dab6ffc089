"""Positions: four ways to tell a model the order of its tokens."""

from lessons.positions.learned import LearnedPositions
from lessons.positions.relative import RelativeBias, relative_bucket
from lessons.positions.rotary import (
    Rotary,
    rotary_angles,
    rotate_halves,
    rotate_neighbors,
)
from lessons.positions.sinusoidal import SinusoidalPositions, sinusoids

__all__ = [
    "LearnedPositions",
    "RelativeBias",
    "Rotary",
    "SinusoidalPositions",
    "relative_bucket",
    "rotary_angles",
    "rotate_halves",
    "rotate_neighbors",
    "sinusoids",
]
