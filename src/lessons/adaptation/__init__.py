"""Adaptation: someone else's model made yours, by training all, a part, or a small addition."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
