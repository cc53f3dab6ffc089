"""The walls around student code: which command starts a process that sees and can do nearly nothing.

bubblewrap gives it namespaces of its own (no network, no other processes, a file system with Python
and the packages alone), prlimit its bounds, and setpriv a user of its own without capabilities. As
root that works without user namespaces; as an ordinary user with them.
"""

import functools
import glob
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from classroom import seccomp

PACKAGES = "/opt/packages"  # where the sandbox finds `classroom` and `lessons`
MATPLOTLIB = "/tmp/.matplotlib"
NOBODY = "65534"
INSTALL = "install bubblewrap and util-linux (on Debian and Ubuntu: apt-get install bubblewrap util-linux)"
PERMIT = (
    "bubblewrap must be permitted to make namespaces: as an ordinary user, with the settings "
    "kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0 and, on Ubuntu from 24.04 on, "
    "kernel.apparmor_restrict_unprivileged_userns=0 (sysctl); in a container, as its root, with the "
    "capability SYS_ADMIN and a seccomp profile that permits mounts"
)


class IsolationError(RuntimeError):
    """Submissions cannot be isolated here; the sentence says what to install or permit."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use, in seconds, bytes and processes."""

    call_seconds: float = 20
    cell_seconds: float = 60
    total_seconds: float = 600
    memory: int = 2 << 30
    files: int = 64 << 20
    output: int = 100_000
    processes: int = 64
    restarts: int = 8


def command(arguments: list[str], limits: Limits, filter_fd: int) -> list[str]:
    """Return the command that runs Python with `arguments` inside the walls.

    `filter_fd` is an open file with the filter of system calls. Raises IsolationError if a tool is missing.
    """
    tools = {name: shutil.which(name) for name in ("bwrap", "prlimit", "setpriv")}
    if missing := [name for name, path in tools.items() if path is None]:
        raise IsolationError(f"{' and '.join(missing)} cannot be found: {INSTALL}")
    root = os.geteuid() == 0
    namespaces = (
        "--unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try".split()
    )
    user = [] if root else ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    ends = ["--die-with-parent", "--new-session", "--seccomp", str(filter_fd)]
    walls = [tools["bwrap"], *namespaces, *user, *ends, *_environment(), *_files(limits)]
    bounds = [tools["prlimit"], *_bounds(limits)]
    drop = [tools["setpriv"], "--no-new-privs"]
    if root:
        number = str(_own_user())
        drop += ["--reuid", number, "--regid", number, "--clear-groups"]
        drop += ["--inh-caps=-all", "--bounding-set=-all"]
    return [*walls, "--", *bounds, *drop, sys.executable, *arguments]


def filter_file() -> int:
    """Return an open file descriptor from which bubblewrap reads the filter of system calls."""
    try:
        content = seccomp.program()
    except ValueError as error:
        raise IsolationError(str(error)) from error
    reading, writing = os.pipe()
    with open(writing, "wb") as file:
        file.write(content)
    return reading


def _bounds(limits):
    total = int(limits.total_seconds) + 1
    return [
        f"--cpu={total}:{total + 1}",
        f"--data={limits.memory}",
        f"--as={limits.memory + (8 << 30)}",  # libraries reserve addresses that they never use
        f"--fsize={limits.files}",
        f"--nproc={limits.processes}",
        "--nofile=256",
        "--core=0",
    ]


def _environment():
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    variables = one_thread | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": PACKAGES,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/tmp",
        "IPYTHONDIR": "/tmp/.ipython",
        "MPLCONFIGDIR": MATPLOTLIB,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "USER": "student",
        "LANG": "C.UTF-8",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    pairs = [["--setenv", name, value] for name, value in variables.items()]
    return ["--clearenv", *(word for pair in pairs for word in pair)]


def _files(limits):
    """Return the options that build the file system: nothing but what Python needs, read-only."""
    size, options = (
        str(limits.files),
        ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dir", "/dev"],
    )
    for path in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            options += ["--ro-bind", path, path]
    for path in ("/etc/fonts", "/etc/ld.so.cache", "/sys/devices/system/cpu"):
        options += ["--ro-bind-try", path, path]
    for path in ("/tmp", "/dev/shm"):  # first, for the environment itself may lie in /tmp
        options += ["--perms", "1777", "--size", size, "--tmpfs", path]
    python = {str(Path(prefix).resolve()) for prefix in (sys.prefix, sys.base_prefix)}
    python |= {sys.prefix, sys.base_prefix}
    for path in sorted(path for path in python if not path.startswith("/usr/")):
        options += [*_parents(path), "--ro-bind", path, path]
    for name in ("classroom", "lessons"):
        place = f"{PACKAGES}/{name}"
        options += [*_parents(place), "--ro-bind", _package(name), place]
    for path in ("/dev/null", "/dev/urandom"):
        options += ["--dev-bind", path, path]
    return [*options, *_font_list(), "--chdir", "/tmp", "--remount-ro", "/"]


def _parents(path):
    """Return options that make a path's parents, readable by every user."""
    parents = reversed(Path(path).parents[:-1])
    return [word for parent in parents for word in ("--dir", str(parent))]


def _package(name):
    spec = importlib.util.find_spec(name)
    return str(Path(spec.origin).parent)


def _font_list():
    """Return options that give matplotlib its list of fonts, which takes it seconds to make."""
    options = ["--perms", "1777", "--dir", MATPLOTLIB]
    import matplotlib

    for path in glob.glob(f"{matplotlib.get_cachedir()}/fontlist-*.json"):
        options += ["--ro-bind", path, f"{MATPLOTLIB}/{Path(path).name}"]
    return options


def _own_user():
    """Return a user's number that nobody else has, so that bounds and signals of two sandboxes cannot mix."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    highest = max(int(inside) + int(length) for inside, _, length in map(str.split, lines))
    highest = min(highest, 1 << 31)
    return highest // 2 + secrets.randbelow(highest - highest // 2)


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
    "write outside of /tmp": any(can(lambda: open(f"{folder}/probe", "w")) for folder in ("", "/usr", "/dev")),
    "see other processes": sum(name.isdigit() for name in os.listdir("/proc")) > 3,
    "hold capabilities": int(status["CapEff"], 16) + int(status["CapBnd"], 16) * (os.geteuid() == 0) > 0,
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
    filter_fd = filter_file()
    try:
        started = subprocess.run(
            command(["-I", "-S", "-c", PROBE, secret, str(port)], Limits(), filter_fd),
            pass_fds=[filter_fd],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        os.close(filter_fd)
    if started.returncode:
        raise IsolationError(
            f"the sandbox does not start ({started.stderr.strip()[-500:]}): {PERMIT}"
        )
    return json.loads(started.stdout)
