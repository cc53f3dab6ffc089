"""Make the book's models: rows, recipes, and a training that can be resumed."""
