"""The code of `book/interpretation/what-heads-do.md`."""
