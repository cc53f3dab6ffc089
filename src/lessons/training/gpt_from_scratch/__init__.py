"""The code of `book/training/gpt-from-scratch.md`."""
