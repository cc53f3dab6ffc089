"""The code of `book/training/sentiment-from-scratch.md`."""
