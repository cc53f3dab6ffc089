"""How much memory the chapters of practice take beside the models that they serve.

Run it with `python benchmarks/memory.py`, or with the names of some chapters behind it. Each runs
in a kernel of its own, which is looked at several times a second. Of a model that is used as it
stands in its file, the file's pages are in memory, and not counted here. What was converted or
packed anew is counted, and so is a cache of keys and values: with llama.cpp that is some 50 MB.
"""

import sys
import time
from pathlib import Path
from threading import Event, Thread

import jupytext
import psutil
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "book" / "practice"
CHAPTERS = ("pipelines", "services", "local-inference")
MODELS = (".safetensors", ".gguf")
GOAL = 700  # MB


def held_by(kernel: psutil.Process) -> tuple[float, float]:
    """Return the memory of a kernel, and how much of it is pages of models' files, in MB."""
    maps = kernel.memory_maps()  # one look for both, for models come and go
    models = [one for one in maps if one.path.endswith(MODELS)]
    return sum(one.rss for one in maps) / 1e6, sum(one.rss for one in models) / 1e6


def watch(ended: Event, looks: list[tuple[float, float]]) -> None:
    """Look at the kernel, the only child of this process, again and again."""
    while not ended.wait(0.1):
        for child in psutil.Process().children():
            try:
                looks.append(held_by(child))
            except psutil.Error:  # it has ended
                continue


def measure(name: str) -> tuple[float, float, float]:
    """Run a chapter; return its greatest memory, the greatest beside models, and the seconds."""
    notebook, looks, ended = jupytext.read(FOLDER / f"{name}.md"), [], Event()
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=300, resources={"metadata": {"path": FOLDER}}
    )
    watcher, begun = Thread(target=watch, args=(ended, looks)), time.perf_counter()
    watcher.start()
    try:
        client.execute()
    finally:
        ended.set()
        watcher.join()
    beside = max(held - models for held, models in looks)
    return max(held for held, _ in looks), beside, time.perf_counter() - begun


def main() -> None:
    print("chapter            most MB   beside models   seconds")
    for name in sys.argv[1:] or CHAPTERS:
        most, beside, seconds = measure(name)
        print(f"{name:17} {most:8.0f} {beside:15.0f} {seconds:9.0f}", flush=True)
    print(f"goal: beside the models at most {GOAL} MB")


if __name__ == "__main__":
    main()
