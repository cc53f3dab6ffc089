"""The code of `book/families/encoder-decoders.md`."""
