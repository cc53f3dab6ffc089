"""The code of `book/blocks/whole-transformer.md`."""
