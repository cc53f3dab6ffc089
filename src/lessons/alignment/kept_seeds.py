r"""Where trainings ended with several seeds: kept in a file, with a note of how it was made.

A page trains one seed. The others would take it beyond its time, so a command writes them.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

from lessons.alignment.answers import Place


def keep_places(
    file: Path,
    places: Mapping[str, Sequence[Place]],
    *,
    seeds: Sequence[int],
    note: str,
    made_from: str = "",
) -> None:
    """Write where trainings ended, by name and seed.

    Args:
        file: Where to.
        places: By name, one for each seed.
        seeds: The seeds, in that order.
        note: How it was made.
        made_from: A digest of what decides the places, where a test compares it.

    Raises:
        ValueError: There are not as many places as seeds.

    >>> keep_places(Path("places.json"), {"DPO": []}, seeds=[1], note="")
    Traceback (most recent call last):
    ValueError: DPO has 0 places for 1 seeds: pass one each
    """
    for name, some in places.items():
        if len(some) != len(seeds):
            raise ValueError(f"{name} has {len(some)} places for {len(seeds)} seeds: pass one each")
    kept = {
        "note": note,
        "seeds": list(seeds),
        **({"made from": made_from} if made_from else {}),
        "torch": version("torch"),
        "threads": torch.get_num_threads(),
        "places": {
            name: [[round(number, 4) for number in one] for one in some]
            for name, some in places.items()
        },
    }
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf8")


@cache
def places_in(file: Path) -> dict[str, list[Place]]:
    """Return where the trainings of a file ended, by name, in the order of its seeds.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keep_places(file := Path(folder, "one.json"), {"A": [Place(1, 2)]}, seeds=[0], note="")
    ...     places_in(file)
    {'A': [Place(reward=1, kl=2)]}
    """
    kept = json.loads(file.read_text("utf8"))["places"]
    return {name: [Place(*one) for one in some] for name, some in kept.items()}
