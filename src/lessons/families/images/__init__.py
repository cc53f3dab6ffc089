"""The code of `book/families/images.md`."""
