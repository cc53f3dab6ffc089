"""The code of `book/practice/local-inference.md`."""
