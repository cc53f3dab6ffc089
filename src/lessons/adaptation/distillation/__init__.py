"""The code of `book/adaptation/distillation.md`."""
