"""The code of `book/positions/positional-encoding.md`."""
