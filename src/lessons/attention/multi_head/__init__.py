"""The code of `book/attention/multi-head.md`."""
