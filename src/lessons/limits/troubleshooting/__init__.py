"""The code of `book/limits/troubleshooting.md`."""
