"""The code of `book/limits/limitations.md`."""
