"""The code of `book/tokens/choosing-a-vocabulary.md`."""
