"""The code of `book/families/landscape.md`."""
