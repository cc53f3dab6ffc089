"""Grading: read what was handed in, run it behind the walls, and judge each exercise."""
