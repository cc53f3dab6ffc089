"""The code of `book/alignment/preferences.md`."""
