"""The walls around student code: a process that sees, and can do, nearly nothing."""
