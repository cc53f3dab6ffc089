"""Alignment: what preferences and rewards make of a model, where the true reward is known."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
