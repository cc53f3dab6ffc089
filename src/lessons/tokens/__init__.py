"""Tokens: text cut into tokens, tokens to ids, ids to vectors, and vectors compared."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
