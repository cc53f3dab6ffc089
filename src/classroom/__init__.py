"""The classroom: what a learner's notebook asks, and what an instructor grades with."""

import lazy_loader

# Loaded when it is asked for: the command line needs no PyTorch to say what it can.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
