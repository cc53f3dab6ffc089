"""The code of `book/tokens/tokenization.md`."""
