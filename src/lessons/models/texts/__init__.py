"""Texts and small tasks for chapters, each with what is right."""
