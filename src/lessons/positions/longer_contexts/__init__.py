"""The code of `book/positions/longer-contexts.md`."""
