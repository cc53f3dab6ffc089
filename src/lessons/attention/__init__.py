"""Attention: soft lookup, scaled dot-product, masks, heads, and who attends to whom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
