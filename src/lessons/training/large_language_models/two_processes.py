"""Data parallelism for real: several processes, each with some rows, and one gradient for all.

Each process is a program of its own, on this machine, and ends by itself. They speak over the
loopback interface, by gloo, which needs no accelerator.

Reference: :cite:t:`li2020ddp`.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import torch
from jaxtyping import Int64
from torch import Tensor, distributed
from torch.nn.parallel import DistributedDataParallel

from lessons.families import next_token_loss, small_decoder

Gradients = dict[str, Tensor]


def gradients_of_processes(
    options: Mapping[str, int],
    rows: Int64[Tensor, "rows tokens"],
    *,
    processes: int = 2,
    limit: float = 120.0,
) -> list[Gradients]:
    """Return the gradient that each process holds after DDP has averaged them.

    Args:
        options: Those of :func:`~lessons.families.decoder_from_scratch.small_decoder`; each
            process builds the same model, in float64.
        rows: The batch. Each process gets as many, its own.
        processes: How many.
        limit: Seconds after which they are ended.

    Raises:
        ValueError: The rows cannot be dealt out evenly: a mean of unequal means is another mean.
        TimeoutError: They took too long.
        RuntimeError: One of them failed; what it said is told.

    Source: :cite:t:`li2020ddp`.

    >>> options = dict(vocab=5, positions=3, d_model=4, heads=1, layers=1)
    >>> first, second = gradients_of_processes(options, torch.zeros(2, 3, dtype=torch.long))
    >>> farthest(first, second)
    0.0
    """
    if processes < 1 or len(rows) % processes:
        raise ValueError(f"{len(rows)} rows for {processes} processes: pass a multiple")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = {"options": dict(options), "rows": rows, "processes": processes, "limit": limit}
        torch.save(job, folder / "job.pt")
        _run(
            [[sys.executable, "-m", __name__, name, str(rank)] for rank in range(processes)], limit
        )
        return [torch.load(folder / f"{rank}.pt") for rank in range(processes)]


def farthest(one: Gradients, other: Gradients) -> float:
    """Return the largest difference between two gradients of the same model.

    >>> farthest({"a": torch.ones(2)}, {"a": torch.tensor([1.0, 1.5])})
    0.5
    """
    return max((one[name] - other[name]).abs().max().item() for name in one)


def _run(commands: list[list[str]], limit: float | int) -> None:
    """Run programs side by side; whatever happens, none is left behind."""
    loopback = next(name for _, name in socket.if_nameindex() if name in ("lo", "lo0"))
    here = {**os.environ, "GLOO_SOCKET_IFNAME": loopback, "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(command, env=here, stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    try:
        told = [one.communicate(timeout=limit)[1] for one in started]
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"after {limit} s a process still runs: pass a higher limit") from error
    finally:
        for one in started:
            one.kill()
            with one:  # waits for its end, and closes its pipe
                pass
    if failed := [text for one, text in zip(started, told, strict=True) if one.returncode]:
        raise RuntimeError(f"a process failed: {failed[0].strip().splitlines()[-1]}")


def one_process(folder: Path, rank: int) -> None:
    """Do one process's part: its rows, forward and back, and then the mean over all processes.

    >>> one_process(Path("nowhere"), 0)
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere/job.pt'
    """
    job = torch.load(folder / "job.pt")
    distributed.init_process_group(
        "gloo",
        store=distributed.FileStore(str(folder / "meeting"), job["processes"]),
        rank=rank,
        world_size=job["processes"],
        timeout=timedelta(seconds=job["limit"]),
    )
    model = DistributedDataParallel(small_decoder(**job["options"]).double())
    own = job["rows"].chunk(job["processes"])[rank]
    next_token_loss(model, own).backward()
    gradients = {name: one.grad for name, one in model.module.named_parameters()}
    torch.save(gradients, folder / f"{rank}.pt")
    distributed.destroy_process_group()


if __name__ == "__main__":
    one_process(Path(sys.argv[1]), int(sys.argv[2]))
