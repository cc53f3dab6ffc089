"""The code of `book/limits/efficient-attention.md`."""
