"""The code of `book/adaptation/lora.md`."""
