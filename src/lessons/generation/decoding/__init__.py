"""The code of `book/generation/decoding.md`."""
