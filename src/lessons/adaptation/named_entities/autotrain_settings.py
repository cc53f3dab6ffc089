r"""AutoTrain's settings for a text-to-text task, and which of them it would not take.

The names and types are those of `parser.py` and of the class `Seq2SeqParams` in AutoTrain's source
as it stood last, version 0.8.37.dev0 of January 2025. AutoTrain itself is not run here.
"""

from collections.abc import Mapping
from typing import Any

TEXT, WHOLE, DECIMAL, SWITCH = (str,), (int,), (float, int), (bool,)
PARAMETERS: dict[str, tuple[type, ...]] = {
    "lr": DECIMAL, "epochs": WHOLE, "max_seq_length": WHOLE, "max_target_length": WHOLE,
    "batch_size": WHOLE, "warmup_ratio": DECIMAL, "gradient_accumulation": WHOLE,
    "optimizer": TEXT, "scheduler": TEXT, "weight_decay": DECIMAL, "max_grad_norm": DECIMAL,
    "seed": WHOLE, "logging_steps": WHOLE, "eval_strategy": TEXT, "auto_find_batch_size": SWITCH,
    "mixed_precision": TEXT, "save_total_limit": WHOLE, "peft": SWITCH, "quantization": TEXT,
    "lora_r": WHOLE, "lora_alpha": WHOLE, "lora_dropout": DECIMAL, "target_modules": TEXT,
    "early_stopping_patience": WHOLE, "early_stopping_threshold": DECIMAL,
}  # fmt: skip
TOP = {"task", "base_model", "project_name", "log", "backend", "data", "params", "hub"}
DATA = {"path", "train_split", "valid_split", "column_mapping"}
COLUMNS = {"text_column", "target_column"}


def settings_problems(settings: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the settings of a text-to-text task, in AutoTrain's YAML form.

    Args:
        settings: What the YAML file holds, read.

    >>> settings_problems({"task": "seq2seq", "params": {"learning_rate": 1e-4}})[-1]
    'params: learning_rate is unknown'
    """
    data, params = settings.get("data", {}), settings.get("params", {})
    columns = data.get("column_mapping", {}) if isinstance(data, Mapping) else {}
    for name, part in (("data", data), ("params", params), ("column_mapping", columns)):
        if not isinstance(part, Mapping):
            return [f"{name} is {part!r}, no table of names and values"]
    problems = [f"{name} is unknown" for name in sorted(set(settings) - TOP)]
    problems += [f"{name} is missing" for name in sorted(TOP - {"hub", "params"} - set(settings))]
    if settings.get("task") != "seq2seq":
        problems.append("task is not seq2seq")
    problems += [f"data: {name} is missing" for name in sorted(DATA - set(data))]
    problems += [f"data: {name} is missing or unknown" for name in sorted(COLUMNS ^ set(columns))]
    problems += [f"params: {name} is unknown" for name in sorted(set(params) - set(PARAMETERS))]
    return problems + [
        f"params: {name} is {value!r}, of another type"
        for name, value in params.items()
        if name in PARAMETERS and not _fits(value, PARAMETERS[name])
    ]


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    """Say whether a value has the type; True counts as no number."""
    return isinstance(value, kinds) and (kinds == SWITCH or not isinstance(value, bool))
