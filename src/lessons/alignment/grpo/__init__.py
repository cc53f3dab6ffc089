"""The code of `book/alignment/grpo.md`."""
