"""The course: one term, from release to grades, as the command `classroom` on nbgrader."""
