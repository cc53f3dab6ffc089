"""The code of `book/foundations/tensors-and-gradients.md`."""
