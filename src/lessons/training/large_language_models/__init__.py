"""The code of `book/training/large-language-models.md`."""
