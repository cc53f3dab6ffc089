"""The lab's notebook says what its package says: examples, minutes, steps."""

import ast
import re
from pathlib import Path

from bookbuild.execution import JOURNAL
from lab import STEPS
from lab.examples import EXAMPLES
from lab.journal import NAME

TEXT = (Path(__file__).parents[2] / "book" / "lab" / "attention-detective.md").read_text("utf8")
CODE = re.findall(r"^```\{code-cell\} python\n(?:---\n.*?---\n)?(.*?)^```$", TEXT, re.M | re.S)


def calls(name: str) -> list[ast.Call]:
    return [
        node
        for code in CODE
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
    ]


def test_the_examples_in_the_cells_are_those_that_do_not_count():
    notes = {
        call.args[0].value: ast.literal_eval(
            next(keyword.value for keyword in call.keywords if keyword.arg == "note")
        )
        for call in calls("journal.record")
    }
    assert notes == {step: note for step, (note, _) in EXAMPLES.items()}
    code = "\n".join(CODE)
    assigned = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(code).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Constant)
        for target in node.targets
    }
    for step in (1, 2, 5):
        [(name, value)] = EXAMPLES[step][1].items()
        assert assigned[name] == value
    assert assigned["sentence"] == EXAMPLES[3][1]["sentence"]
    assert f"first={EXAMPLES[3][1]['first']})" in code
    assert f"lengths = {EXAMPLES[4][1]['lengths']} if " in code


def test_steps_have_a_goal_minutes_an_entry_and_hints():
    parts = re.split(r"^## ", TEXT, flags=re.M)
    steps = {int(part[5]): part for part in parts if re.match(r"Step \d: ", part)}
    assert list(steps) == list(STEPS)
    for number, part in steps.items():
        assert f"**Time**: {STEPS[number].minutes} minutes." in part
        assert "**Goal**: " in part and "Stuck?" in part
        assert f"journal.record({number}, " in part
    total = sum(step.minutes for step in STEPS.values())
    assert f"*Duration*: {total} minutes" in TEXT


def test_no_step_uses_what_another_step_made():
    """A learner may begin anywhere: each step's cells stand on the first cell alone."""
    [setup] = [code for code in CODE if "open_journal" in code]
    for part in re.split(r"^## Step", TEXT, flags=re.M)[1:]:
        cells = re.findall(
            r"^```\{code-cell\} python\n(?:---\n.*?---\n)?(.*?)^```$", part, re.M | re.S
        )
        known = stored(setup) | set(dir(__builtins__)) | set(__builtins__)
        for code in cells[: part.count("code-cell")]:
            known |= stored(code)
            used = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
            assert used <= known, used - known


def stored(code: str) -> set[str]:
    tree = ast.parse(code)
    names = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    imported = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    return names | {alias.asname or alias.name for n in imported for alias in n.names}


def test_the_build_knows_the_journal_by_its_name():
    assert JOURNAL == NAME
