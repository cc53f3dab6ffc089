r"""What LitGPT's command line takes: a folder with a checkpoint, a folder with questions.

It runs in a process of its own, as a reader would type it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lessons.adaptation.question_answering.formulary import DrugQuestion

COLUMNS = ("instruction", "output")


def write_questions(
    learned: Sequence[DrugQuestion], held_out: Sequence[DrugQuestion], folder: Path
) -> Path:
    """Write questions as LitGPT's `--data JSON` reads them, and return the folder.

    Args:
        learned: For `train.json`.
        held_out: For `val.json`.
        folder: Where to write.

    >>> import tempfile
    >>> asked = [DrugQuestion("Murvidor", "use", "What is Murvidor given for?", "flu")]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_questions(write_questions(asked, asked, Path(folder)) / "val.json")
    1
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, questions in (("train", learned), ("val", held_out)):
        rows = [dict(zip(COLUMNS, (one.text, one.answer), strict=True)) for one in questions]
        (folder / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", "utf8")
    return folder


def check_questions(path: Path) -> int:
    """Return how many questions a file holds that LitGPT's command line can read.

    Raises:
        ValueError: It is no list of rows with an instruction and an output.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (path := Path(folder, "train.json")).write_text("[]")
    ...     check_questions(path)
    Traceback (most recent call last):
    ValueError: train.json holds no list of questions: write it with write_questions
    """
    try:
        rows: Any = json.loads(path.read_text("utf8"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path.name} is no JSON ({error}): write it with write_questions"
        ) from None
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{path.name} holds no list of questions: write it with write_questions")
    for at, row in enumerate(rows, 1):
        for column in COLUMNS:
            if not isinstance(row, dict) or not isinstance(row.get(column), str):
                raise ValueError(
                    f"question {at} of {path.name} has no text named {column!r}: rename "
                    f"its columns to {' and '.join(COLUMNS)}"
                )
    return len(rows)


def finetune_command(checkpoint: Path, data: Path, out: Path, *, steps: int = 2) -> list[str]:
    """Return the command that trains updates of all blocks, then merges them.

    Args:
        checkpoint: A folder as LitGPT keeps a model.
        data: A folder of `write_questions`.
        out: Where the command writes.
        steps: How many steps of four questions.

    >>> finetune_command(Path("base"), Path("questions"), Path("out"))[1:5]
    ['-m', 'litgpt', 'finetune_lora', 'base']
    """
    settings = {
        "out_dir": out,
        "precision": "32-true",
        "lora_r": 8,
        "lora_alpha": 16,
        "data": "JSON",
        "data.json_path": data,
        "data.mask_prompt": "true",
        "data.prompt_style": "qwen3",
        "data.num_workers": 0,
        "train.max_steps": steps,
        "train.epochs": 1,
        "train.global_batch_size": 4,
        "train.micro_batch_size": 4,
        "train.lr_warmup_steps": 1,
        "eval.max_new_tokens": 4,
        "eval.max_iters": 1,
        "seed": 0,
    }
    given = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "litgpt", "finetune_lora", str(checkpoint), *given]
