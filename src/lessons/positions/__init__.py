"""Positions: the ways to tell a model the order of its tokens, and to stretch them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
