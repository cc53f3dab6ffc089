"""The code of `book/families/overview.md`."""
