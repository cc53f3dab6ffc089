"""A stand-in for the Python of Binder's environment, which would install the models anew."""

from pathlib import Path


def stand_in_python(prefix: Path) -> Path:
    """Write a program that notes how it is called, and return the file of its notes."""
    program, calls = prefix / "bin" / "python", prefix / "calls"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$*" >> {calls}\n')
    program.chmod(0o755)
    return calls
