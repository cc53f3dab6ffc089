"""The walls around student code: a command whose process sees, and can do, nearly nothing.

bubblewrap gives it namespaces of its own (no network, no other processes, a file system with Python
and the packages alone), prlimit its bounds, and setpriv a user of its own without capabilities. As
root that works without user namespaces; as an ordinary user with them.
"""

import glob
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.walls import seccomp

PACKAGES = "/opt/packages"  # where the sandbox finds `classroom` and `lessons`
SCRATCH = "/tmp"  # the only place where the sandbox can write
MATPLOTLIB = f"{SCRATCH}/.matplotlib"
NOBODY = "65534"
INSTALL = (
    "install bubblewrap and util-linux "
    "(on Debian and Ubuntu: apt-get install bubblewrap util-linux)"
)
PERMIT = (
    "bubblewrap must be permitted to make namespaces: as an ordinary user, with the settings "
    "kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0 and, on Ubuntu from "
    "24.04 on, kernel.apparmor_restrict_unprivileged_userns=0 (sysctl); in a container, as its "
    "root, with the capability SYS_ADMIN and a seccomp profile that permits mounts"
)


class IsolationError(RuntimeError):
    """Submissions cannot be isolated here; the sentence says what to install or permit."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use, in seconds, bytes and processes.

    Seconds are of processor time, over all processes. By the clock there are `patience` times as
    many: a machine that is busy with other things is no fault of a submission's.
    """

    call_seconds: float = 20
    cell_seconds: float = 60
    total_seconds: float = 600
    memory: int = 2 << 30
    files: int = 64 << 20
    output: int = 100_000
    processes: int = 32
    restarts: int = 8
    patience: float = 3


def start(
    arguments: list[str],
    limits: Limits,
    *,
    prefix: Sequence[str] = (),
    keep: tuple[int, ...] = (),
    **streams,
) -> subprocess.Popen:
    """Start Python with `arguments` inside the walls.

    Args:
        arguments: What follows `python`.
        limits: What the process may use.
        prefix: Words before the command, such as those of a share of the processors.
        keep: File descriptors that it gets.
        streams: Where it reads and writes, as for :class:`subprocess.Popen`.

    Raises:
        IsolationError: A tool is missing, or the machine is of an unknown kind.
    """
    filter_fd = _filter_file()
    try:
        return subprocess.Popen(
            [*prefix, *command(arguments, limits, filter_fd)],
            pass_fds=(*keep, filter_fd),
            env=_environment(),  # bubblewrap's own too: inside, /proc shows it
            stdin=subprocess.DEVNULL,
            **streams,
        )
    finally:
        os.close(filter_fd)


def command(arguments: list[str], limits: Limits, filter_fd: int) -> list[str]:
    """Return the command that runs Python with `arguments` inside the walls.

    `filter_fd` is an open file with the filter of system calls. Raises IsolationError if a tool
    is missing.
    """
    tools = {name: shutil.which(name) for name in ("bwrap", "prlimit", "setpriv", "taskset")}
    if missing := [name for name, path in tools.items() if path is None]:
        raise IsolationError(f"{' and '.join(missing)} cannot be found: {INSTALL}")
    root = os.geteuid() == 0
    namespaces = (
        "--unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try".split()
    )
    user = [] if root else ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    ends = ["--die-with-parent", "--new-session", "--seccomp", str(filter_fd)]
    walls = [tools["bwrap"], *namespaces, *user, *ends, *_files(limits)]
    bounds = [tools["prlimit"], *_bounds(limits)]
    drop = [tools["setpriv"], "--no-new-privs"]
    if root:
        number = str(_own_user())
        drop += ["--reuid", number, "--regid", number, "--clear-groups"]
        drop += ["--inh-caps=-all", "--bounding-set=-all"]
    return [*walls, "--", *bounds, *drop, sys.executable, *arguments]


def _filter_file():
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
    return one_thread | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": PACKAGES,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": SCRATCH,
        "IPYTHONDIR": f"{SCRATCH}/.ipython",
        "MPLCONFIGDIR": MATPLOTLIB,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # a set's order is the same whenever it is graded
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


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
    for path in (SCRATCH, "/dev/shm"):  # first, for the environment itself may lie in /tmp
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
    return [*options, *_font_list(), "--chdir", SCRATCH, "--remount-ro", "/"]


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
    """Return a user's number that nobody else has: two sandboxes share no bounds and signals."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    highest = max(int(inside) + int(length) for inside, _, length in map(str.split, lines))
    highest = min(highest, 1 << 31)
    return highest // 2 + secrets.randbelow(highest - highest // 2)
