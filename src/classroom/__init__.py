"""The classroom: what a learner's notebook asks, and what an instructor grades with."""

__all__ = ["check"]


def __getattr__(name: str):
    """Import `check` when it is asked for: the command line needs no PyTorch to say what it can."""
    if name == "check":
        from classroom.checking import check

        return check
    raise AttributeError(f"module 'classroom' has no attribute {name!r}")
