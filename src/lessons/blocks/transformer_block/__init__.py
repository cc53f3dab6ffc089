"""The code of `book/blocks/transformer-block.md`."""
