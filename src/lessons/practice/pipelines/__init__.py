"""The code of `book/practice/pipelines.md`."""
