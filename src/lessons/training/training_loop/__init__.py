"""The code of `book/training/training-loop.md`."""
