"""The code of `book/adaptation/summarization.md`."""
