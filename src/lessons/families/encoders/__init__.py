"""The code of `book/families/encoders.md`."""
