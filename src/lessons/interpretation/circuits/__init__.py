"""The code of `book/interpretation/circuits.md`."""
