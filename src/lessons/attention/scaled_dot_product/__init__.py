"""The code of `book/attention/scaled-dot-product.md`."""
