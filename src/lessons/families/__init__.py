"""Families: whole models from the same blocks, with the weights of transformers' models."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
