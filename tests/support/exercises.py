"""A tiny topic for tests of grading: functions that double numbers, and a written task."""

import json

FRONT = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

```{code-cell} python
---
nbgrader:
  {grade: false, grade_id: double-setup, locked: true, schema_version: 3, solution: false}
---
import numpy as np

from classroom import check

### BEGIN HIDDEN TESTS
from classroom.exercises.source import graded, same, typical
import torch
### END HIDDEN TESTS
```
"""
EXERCISE = '''
## {number}. Double {function}

**easy · 1 minutes · 2 points**

```{{code-cell}} python
---
nbgrader:
  {{grade: false, grade_id: double-{number}, locked: false, schema_version: 3, solution: true}}
---
def {function}(numbers):
    """Return the numbers, doubled."""
    ### BEGIN SOLUTION
    return numbers * 2
    ### END SOLUTION
```

```{{code-cell}} python
---
nbgrader:
  {{grade: true, grade_id: double-{number}-check, locked: true, points: 2, schema_version: 3,
    solution: false, task: false}}
---
check("double.{number}", {function})

### BEGIN HIDDEN TESTS
@graded("double.{number}", shown=True)
def doubles_{function}(answer, generator):
    """Each number is doubled."""
    numbers = torch.rand(4, generator=generator, dtype=torch.float64).numpy()
    same(answer(numbers), {function}(numbers))


@graded("double.{number}")
def is_even_{function}(answer, generator):
    """The sum doubles too."""
    number = float(torch.rand((), generator=generator, dtype=torch.float64))
    result = answer(np.full(3, number))
    assert result.shape == (3,) and abs(result.sum() - 6 * number) < 1e-9


@typical("double.{number}", fails="doubles_{function}")
def squares_{function}(numbers):
    """You squared the numbers: multiply by two."""
    return numbers**2
### END HIDDEN TESTS
```
'''
ANSWER = {"grade": True, "locked": False, "points": 4, "schema_version": 3, "solution": True}
TASK = """
## {number}. Why {name}?

Say why numbers double.

**hard · 5 minutes · 4 points**

+++ {{"tags": ["rubric"]}}

Four points for anything.

+++ {{"nbgrader": {marks}}}

Because they are multiplied by two.

+++
"""


def topic(functions: list[str], task: str = "") -> str:
    """Return a source with an exercise for each function, and perhaps a written task at the end."""
    exercises = [
        EXERCISE.format(number=number, function=function)
        for number, function in enumerate(functions, 1)
    ]
    if task:
        number = len(functions) + 1
        marks = json.dumps(ANSWER | {"grade_id": f"double-{number}", "task": False})
        exercises.append(TASK.format(number=number, name=task, marks=marks))
    return FRONT + "".join(exercises)


def notebook(*sources: str) -> bytes:
    """Return a notebook without metadata: code, and Markdown where a source begins with #."""
    kinds = ["markdown" if source.startswith("# ") else "code" for source in sources]
    cells = [
        {"cell_type": kind, "source": source, "metadata": {}}
        for kind, source in zip(kinds, sources, strict=True)
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}).encode()
