"""Test sets of plain English whose truth is certain, for models that were trained on it."""
