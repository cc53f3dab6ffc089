"""Every figure style of the book, in one place: maps, lines and bars that follow the theme."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
