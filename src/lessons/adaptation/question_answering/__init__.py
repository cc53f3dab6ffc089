"""The code of `book/adaptation/question-answering.md`."""
