"""What heads do: scored against the truth, and tested by taking them away."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
