"""Nothing gets out of the sandbox, nothing in it lives on, and each end has its name."""

import math
import os
import platform
import socket
import time
from pathlib import Path

import pytest

from classroom.walls import isolation, probe, sandbox, seccomp, share
from classroom.walls.isolation import IsolationError, Limits
from classroom.walls.sandbox import Sandbox, SandboxEnded, StudentError

LIMITS = Limits(call_seconds=20, cell_seconds=30, memory=1 << 30, output=2000)


@pytest.fixture(scope="module")
def box():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLASSROOM_SECRET", "an instructor's password")
        with Sandbox(LIMITS) as found:
            yield found


def evaluated(box, expression):
    """Return what an expression is inside."""
    assert box.run(f"def probe():\n    return {expression}")["failure"] is None
    return box.call("probe", (), {}, lambda number, parameters: number)


def test_a_cell_shows_what_it_prints_and_draws(box):
    source = "import matplotlib.pyplot as plt\nprint('words')\n!echo shell\nplt.plot([1, 2]);"
    result = box.run(source)
    assert result["failure"] is None and "image/png" in result["shown"][0]
    printed = box.output()
    assert "words" in printed and "shell" in printed


def test_magics_work_and_questions_find_nobody(box):
    assert box.run("%timeit -n1 -r1 1 + 1\n%pwd\n%matplotlib inline")["failure"] is None
    assert "nobody answers input()" in box.run("input('?')")["failure"]["said"]
    assert box.run("1 +")["failure"]["type"] == "SyntaxError"
    assert box.run("import sys; sys.exit()")["failure"]["type"] == "SystemExit"


def test_floods_are_cut(box):
    box.output()
    box.run("for _ in range(3000): print('x' * 1000)")
    printed = box.output()
    assert len(printed) < 3000 and "more was printed" in printed


def test_student_code_is_nobody(box, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("198 of 5 points")
    secret.chmod(0o666)
    listing = evaluated(box, "__import__('os').listdir('/')")
    assert set(listing) <= set(
        "bin dev etc lib lib32 lib64 opt proc sbin sys tmp usr work root home".split()
    ) | {Path(prefix).parts[1] for prefix in (isolation.sys.prefix, isolation.sys.base_prefix)}
    assert not evaluated(box, f"__import__('os').path.exists({str(secret)!r})")
    assert not evaluated(box, "__import__('os').path.exists('/etc/shadow')")
    packages = evaluated(box, f"__import__('os').listdir({isolation.PACKAGES!r})")
    assert set(packages) == {"classroom", "lessons"}
    assert evaluated(box, "__import__('os').geteuid()") not in (0, os.geteuid())
    processes = evaluated(box, "[p for p in __import__('os').listdir('/proc') if p.isdigit()]")
    assert len(processes) <= 3 and str(os.getpid()) not in processes
    assert box.run(ENVIRONMENTS)["failure"] is None
    found = evaluated(box, "environments()")
    assert "OMP_NUM_THREADS" in found and "CLASSROOM_SECRET" not in found
    assert secret.read_text() == "198 of 5 points"


ENVIRONMENTS = """
import glob
def environments():
    found = ""
    for path in glob.glob("/proc/*/environ"):
        try:
            found += open(path).read()
        except OSError:
            pass
    return found
"""
FORBIDDEN = {
    "write": "open('/usr/forbidden', 'w')",
    "write beside": "open('/forbidden', 'w')",
    "write a package": f"open('{isolation.PACKAGES}/classroom/checking.py', 'a')",
    "network": "__import__('socket').create_connection(('{host}', {port}), 2)",
    "namespace": "__import__('os').unshare(0x10000000) if hasattr(__import__('os'), 'unshare') "
    "else errno(libc.unshare(0x10000000))",
    "namespace by clone": "errno(libc.syscall({clone}, 0x10000000 | 17, 0, 0, 0, 0))",
    "mount": "errno(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    "hidden memory": "__import__('os').memfd_create('hidden')",
    "shared memory": "__import__('mmap').mmap(-1, 4096)",
    "kernel keys": "errno(libc.syscall({keyctl}, 0, -3, 0))",
    "the host of a virtual machine": "__import__('socket').socket(40, 1)",
    "packets": "__import__('socket').socket(17, 3)",
    "the kernel's log": "errno(libc.klogctl(3, ctypes.create_string_buffer(99), 99))",
    "another processor": "__import__('os').sched_setaffinity(0, range(1024))",
    "trace": "errno(libc.ptrace(16, 1, 0, 0))",
    "kill the first process": "__import__('os').kill(1, 9) or stays_alive()",
    "large file": "open('/tmp/large', 'wb').truncate(1 << 40)",
}
HELPERS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_void_p]
def errno(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
def stays_alive():
    raise OSError("it lives")
def attempt(action):
    try:
        action()
    except OSError as error:
        return str(error)
"""


def test_doors_are_closed(box):
    column = list(seccomp.ARCHITECTURES).index(platform.machine())
    numbers = {"clone": seccomp.CLONE[column], "keyctl": seccomp.DENIED["keyctl"][column]}
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = {"host": "127.0.0.1", "port": server.getsockname()[1]}
        assert box.run(HELPERS)["failure"] is None
        for name, attempt in FORBIDDEN.items():
            refused = evaluated(box, f"attempt(lambda: {attempt.format(**numbers, **place)})")
            assert refused, f"student code can: {name}"
    assert evaluated(box, "attempt(lambda: open('/tmp/allowed', 'w'))") is None
    assert evaluated(box, "attempt(lambda: __import__('socket').socketpair())") is None
    assert evaluated(box, "attempt(lambda: __import__('socket').socket(2, 1))") is None


def test_failures_are_told_with_their_line(box):
    box.run("def fails(x):\n    y = x + 1\n    return y / 0")
    with pytest.raises(StudentError, match="division by zero") as caught:
        box.call("fails", (1,), {}, None)
    assert caught.value.where == "line 3: return y / 0"
    with pytest.raises(StudentError, match="defines no nowhere"):
        box.call("nowhere", (), {}, None)
    with pytest.raises(ValueError, match="too small"):
        box.run("def small(x): raise ValueError('too small')")
        box.call("small", (1,), {}, None)
    with pytest.raises(StudentError, match="cannot be graded"):
        evaluated(box, "object()")
    with pytest.raises(StudentError, match=r"MemoryError|allocate"):
        evaluated(box, "bytearray(1 << 40)")


SLY_ERROR = """
class Sly(BaseException):
    def __str__(self):
        raise SystemExit
def raises():
    raise Sly
"""


def test_an_error_that_cannot_be_printed_ends_nothing_else(box):
    box.run(SLY_ERROR)
    with pytest.raises((StudentError, SandboxEnded)):
        box.call("raises", (), {}, None)
    assert evaluated(box, "1") == 1


def test_handles_call_what_was_returned(box):
    box.run("def maker(n):\n    return lambda x: x * n")
    handle = box.call("maker", (3,), {}, lambda number, parameters: (number, parameters))
    assert handle[1] is None and box.call(handle[0], (4,), {}, None) == 12
    with pytest.raises(StudentError):
        box.call(999, (), {}, None)


ENDS = {
    "exit": ("import os; os._exit(0)", "died", "exit code 0"),
    "crash": ("import ctypes; ctypes.string_at(0)", "died", "crash"),
    "loop": (
        "import signal\nfor s in (2, 15, 14): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        "time",
        "end in time",
    ),
    "forgery": (
        "import os\n"
        "for descriptor in range(3, 64):\n"
        "    try: os.write(descriptor, b'\\x00\\x00\\x00\\x08\\x00\\x00\\x00\\x00[\"none\"]')\n"
        "    except OSError: pass",
        "nonsense",
        "own connection",
    ),
    "hog": (
        "import os, time\n"
        "for _ in range(2): os.fork() or (bytearray(b'x') * (600 << 20), time.sleep(100))\n"
        "time.sleep(100)",
        "memory",
        "1.0 GB",
    ),
    "closing": ("import os; os.closerange(3, 256)", "died nonsense", "connection|exit code"),
}
ORPHANS = """
import os, subprocess, time
waste = "import time; held = bytes(range(256)) * 500_000; print(len(held)); time.sleep(98765)"
subprocess.Popen(["python3", "-c", waste], start_new_session=True)
for _ in range(200):
    try:
        if not os.fork():
            os.setsid()
            time.sleep(98765)
    except OSError as error:
        print(error)
        break
"""


def lives(pid):
    """Return whether a process is there, and no mere entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "XZ"
    except OSError:
        return False


def test_each_end_has_its_name():
    for source, kind, words in ENDS.values():
        # A slow machine needs seconds to fill a gigabyte: only the loop is to run out of time.
        seconds = 2 if kind == "time" else 30
        limits = Limits(cell_seconds=seconds, patience=60, memory=1 << 30)
        with Sandbox(limits) as box, pytest.raises(SandboxEnded, match=words) as caught:
            box.run(source)
        assert caught.value.kind in kind.split()


def test_time_is_that_of_the_processors_over_the_whole_tree():
    crowd = "import os\nfor _ in range(20):\n    if not os.fork():\n        while True: pass\n"
    with Sandbox(Limits(cell_seconds=2, patience=math.inf)) as box:
        with pytest.raises(SandboxEnded) as caught:
            box.run(crowd + "import time\ntime.sleep(1000)")
        assert caught.value.kind == "time" and 2 < box.spent < 4
    with Sandbox(Limits(cell_seconds=1, patience=2)) as box:
        with pytest.raises(SandboxEnded) as caught:
            box.run("import time\ntime.sleep(1000)")
        assert caught.value.kind == "clock" and box.spent < 1


def test_each_sandbox_has_a_processor_of_its_own_while_there_are_enough(monkeypatch):
    monkeypatch.setattr(share, "NAME", f"test-{os.getpid()}")  # others may be grading here
    processors = sorted(os.sched_getaffinity(0))
    shares = [share.Share() for _ in range(len(processors) + 1)]
    try:
        assert sorted(one.processor for one in shares[:-1]) == processors
        assert shares[-1].processor in processors
    finally:
        for one in shares:
            one.close()


def test_a_sandbox_stays_on_its_processor(box):
    assert evaluated(box, "len(__import__('os').sched_getaffinity(0))") == 1


def test_a_process_that_ends_between_two_requests_is_named_too():
    with Sandbox(Limits()) as box:
        box.run("import os, threading; threading.Timer(0.1, os._exit, (3,)).start()")
        time.sleep(1)
        with pytest.raises(SandboxEnded, match="exit code 3"):
            box.run("1")


def test_who_has_no_time_left_is_told_so_and_not_that_walls_are_missing():
    with Sandbox(Limits(), until=time.monotonic()) as box:
        with pytest.raises(SandboxEnded) as caught:
            box.run("import time; time.sleep(30)")
    assert caught.value.kind == "clock"
    with Sandbox(Limits(), seconds=1) as box:
        with pytest.raises(SandboxEnded) as caught:
            box.run("while True: pass")
    assert caught.value.kind == "time"


def test_no_process_lives_on():
    with Sandbox(Limits(processes=32)) as box:
        assert box.run(ORPHANS)["failure"] is None
        assert "unavailable" in box.output()  # the bound of processes
        inside = list(share.tree(box._process.pid))
    assert len(inside) > 20
    assert not [pid for pid in inside if lives(pid)]


def test_without_tools_nothing_is_graded(monkeypatch):
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    with pytest.raises(IsolationError, match="install bubblewrap and util-linux"):
        isolation.command([], Limits(), 0)


def test_an_open_door_is_noticed(monkeypatch):
    """Break each wall in turn: the probe must see it."""
    whole = isolation.command
    for wall, door in {"--unshare-net": "reach the network", "--unshare-pid": "see other"}.items():
        monkeypatch.setattr(
            isolation, "command", lambda *a, wall=wall: [one for one in whole(*a) if one != wall]
        )
        with pytest.raises(IsolationError, match=door):
            probe.require_isolation.__wrapped__()


def test_the_filter_is_for_known_machines_only():
    with pytest.raises(ValueError, match="x86_64 and aarch64 only"):
        seccomp.program("vax")
    assert len(seccomp.program("aarch64")) == len(seccomp.program("x86_64"))


def test_memory_is_counted_over_a_whole_tree():
    assert sandbox.memory_of(os.getpid()) > 10 << 20
    assert sandbox.memory_of(4_194_305) == 0
