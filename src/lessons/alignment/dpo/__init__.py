"""The code of `book/alignment/dpo.md`."""
