"""The code of `book/practice/services.md`."""
