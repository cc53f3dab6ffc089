"""The code of `book/adaptation/named-entities.md`."""
