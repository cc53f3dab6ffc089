"""Sources of exercises as small as can be, with a word planted in each part of them."""

from pathlib import Path

TINY = Path(__file__).with_name("tiny_exercises.md").read_text("utf8")
LAYER = Path(__file__).with_name("tiny_layer.md").read_text("utf8")
