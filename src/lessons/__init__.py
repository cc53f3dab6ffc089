"""The ideas of the book, a package a topic."""
