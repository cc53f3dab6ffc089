"""The book's own models, the grammar that made their corpus, and the loader."""

from lessons.models.loading import Loaded, encode, load

__all__ = ["Loaded", "encode", "load"]
