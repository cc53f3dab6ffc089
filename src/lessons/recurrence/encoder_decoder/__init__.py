"""The code of `book/recurrence/encoder-decoder.md`."""
