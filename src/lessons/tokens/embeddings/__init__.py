"""The code of `book/tokens/embeddings.md`."""
