"""The classroom: what a learner's notebook asks, and what an instructor grades with."""

from classroom.check import check

__all__ = ["check"]
