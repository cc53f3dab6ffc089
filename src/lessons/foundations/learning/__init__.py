"""The code of `book/foundations/learning.md`."""
