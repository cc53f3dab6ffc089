"""Open a model: the book's own, one from a wheel, or one from the hub."""
