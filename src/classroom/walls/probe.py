"""Before anything is graded: start a process behind the walls, and see whether they hold."""

import functools
import json
import os
import socket
import subprocess
import sys
import tempfile

from classroom.walls import isolation
from classroom.walls.isolation import PERMIT, IsolationError, Limits

SECONDS = 60
PROBE = """
import json, os, socket, sys
secret, port = sys.argv[1], int(sys.argv[2])
def can(action):
    try:
        action()
    except OSError:
        return False
    return True
libc = __import__("ctypes").CDLL(None)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "read a file of the grader": can(lambda: open(secret)),
    "read the system's password file": can(lambda: open("/etc/shadow")),
    "reach the network": can(lambda: socket.create_connection(("127.0.0.1", port), 1)),
    "write outside of /tmp": any(can(lambda: open(f"{at}/x", "w")) for at in ("", "/usr", "/dev")),
    "see other processes": sum(name.isdigit() for name in os.listdir("/proc")) > 3,
    "hold capabilities": int(status["CapEff"], 16) > 0,
    "gain privileges": status["NoNewPrivs"].strip() != "1",
    "make namespaces": libc.unshare(0x10000000) == 0,
    "be the superuser": os.geteuid() == 0,
}))
"""


@functools.cache
def require_isolation() -> None:
    """Start a process inside the walls that tries to leave them; return if it cannot.

    Raises IsolationError, which says what to install or to permit.
    """
    if not sys.platform.startswith("linux"):
        raise IsolationError(
            "submissions are graded on Linux only: use a Linux machine or container"
        )
    with tempfile.NamedTemporaryFile() as secret, socket.create_server(("127.0.0.1", 0)) as server:
        os.chmod(secret.name, 0o644)
        found = _probe(secret.name, server.getsockname()[1])
    if open_doors := [door for door, is_open in found.items() if is_open]:
        raise IsolationError(
            f"student code could {', '.join(open_doors)}: {PERMIT}. Nothing is graded until then."
        )


def _probe(secret, port):
    process = isolation.start(
        ["-I", "-S", "-c", PROBE, secret, str(port)],
        Limits(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        printed, said = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, said = process.communicate()
    if process.returncode:
        raise IsolationError(f"the sandbox does not start ({said.strip()[-500:]}): {PERMIT}")
    return json.loads(printed)
