"""Judge a trained model against the truth, and write its card."""
