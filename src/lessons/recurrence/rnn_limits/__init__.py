"""The code of `book/recurrence/rnn-limits.md`."""
