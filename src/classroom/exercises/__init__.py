"""Exercises: what one is, how a learner is told what is wrong, and what students get."""
