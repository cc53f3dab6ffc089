"""The classroom: what a learner does with the book beside reading it."""
