"""The code of `book/families/decoders.md`."""
