"""A small grammar of English-like sentences that returns every sentence with its truth."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
