"""The code of `book/adaptation/fine-tuning.md`."""
