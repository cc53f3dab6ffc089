"""Limits: what attention costs, what replaces it, where it fails, and how faults are found."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
