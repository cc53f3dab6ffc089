"""Positions: the ways to tell a model the order of its tokens, and to stretch them."""

from lessons.positions.alibi import Alibi, alibi_bias, alibi_slopes
from lessons.positions.learned import LearnedPositions
from lessons.positions.relative import RelativeBias, relative_bucket
from lessons.positions.rotary import (
    Rotary,
    rotary_angles,
    rotate_halves,
    rotate_neighbors,
)
from lessons.positions.scaling import (
    ScaledRotary,
    interpolated,
    ntk_base,
    rotary_frequencies,
    wavelengths,
    yarn_frequencies,
    yarn_stretch,
)
from lessons.positions.sinusoidal import SinusoidalPositions, sinusoids
from lessons.positions.texts import (
    Texts,
    accuracy,
    answer_loss,
    names_and_secret,
    three_back,
)

__all__ = [
    "Alibi",
    "LearnedPositions",
    "RelativeBias",
    "Rotary",
    "ScaledRotary",
    "SinusoidalPositions",
    "Texts",
    "accuracy",
    "alibi_bias",
    "alibi_slopes",
    "answer_loss",
    "interpolated",
    "names_and_secret",
    "ntk_base",
    "relative_bucket",
    "rotary_angles",
    "rotary_frequencies",
    "rotate_halves",
    "rotate_neighbors",
    "sinusoids",
    "three_back",
    "wavelengths",
    "yarn_frequencies",
    "yarn_stretch",
]
