"""The code of `book/alignment/deepseek.md`."""
