"""The code of `book/generation/kv-cache.md`."""
