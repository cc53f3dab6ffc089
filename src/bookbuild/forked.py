"""Fork the kernels of a build from a process that has loaded torch and its like already.

To load them takes longer than most sheets of exercises run. None of the book's own code is
loaded before a kernel is forked. Each kernel has folder, environment and process group of its
own, and ends with who asked for it, as one that is started the usual way.
"""

import atexit
import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import _forkserver
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

LAUNCHER = ["-m", "ipykernel_launcher"]
# With the main module, for each kernel would load that by itself.
FIRST = ["__main__", "bookbuild.loaded"]


@contextlib.contextmanager
def forked_kernels() -> Iterator[None]:
    """Fork the kernels that are started in the meantime."""
    factory = KernelProvisionerFactory.instance()
    usual = factory.default_provisioner_name
    forking = EntryPoint("forking", f"{__name__}:ForkingProvisioner", factory.GROUP_NAME)
    factory.provisioners[forking.name] = forking
    factory.default_provisioner_name = forking.name
    _forkserver._stop()  # type: ignore[attr-defined]  # one that runs has loaded other things
    multiprocessing.get_context("forkserver").set_forkserver_preload(FIRST)
    try:
        yield
    finally:
        factory.default_provisioner_name = usual
        _forkserver._stop()  # type: ignore[attr-defined]


class ForkingProvisioner(LocalProvisioner):
    """Starts kernels of Python by forking, and others as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if cmd[1:3] != LAUNCHER:
            return await super().launch_kernel(cmd, **kwargs)
        process = multiprocessing.get_context("forkserver").Process(
            target=_be_kernel, args=(cmd[3:], kwargs.get("cwd") or os.getcwd(), kwargs["env"])
        )
        process.start()
        self.process = _Process(process)  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        return self.connection_info


class _Process:
    """A forked process, with the methods by which a provisioner knows processes."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess):
        self._process = process

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


def _be_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # to be looked up in this environment
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import numpy
    import torch
    from ipykernel.kernelapp import launch_new_instance

    numpy.random.seed()  # Python's own chance begins anew by itself
    torch.seed()
    try:
        launch_new_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    finally:
        atexit._run_exitfuncs()  # which forked processes leave to who forked them


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.killpg(0, signal.SIGKILL)
