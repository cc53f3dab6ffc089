"""A filter of system calls for the sandbox: what no exercise needs, the kernel refuses.

Denied are new namespaces and mounts, memory that the watcher could not count (memfd, System V and
shared anonymous memory), the choice of a processor, looking into other processes, keys, sockets of
kinds that may lead out of a network namespace (a virtual machine's to its host), and the kernel's
rarer doors. The filter is a small BPF program, which bubblewrap installs.
"""

import errno
import platform
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Numbers on x86_64 and aarch64.
DENIED = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "sched_setaffinity": (203, 122),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "syslog": (103, 116),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
}
CLONE, CLONE3, MMAP, SOCKET = (56, 220), (435, 435), (9, 222), (41, 198)
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: each ends at the namespace
NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS
X32 = 0x40000000  # x86_64's second table of numbers

LOAD, AND, RETURN = 0x20, 0x54, 0x06
IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT = 0x15, 0x35, 0x45
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, FOURTH_ARGUMENT = 0, 4, 16, 40
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000


def program(machine: str | None = None) -> bytes:
    """Return the filter for a machine's architecture, this one's if none is given.

    Raises ValueError where its numbers are not known.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        raise ValueError(f"submissions are graded on {known} only, and this machine is {machine}")
    column = list(ARCHITECTURES).index(machine)
    permission, missing = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    family = REFUSE | errno.EAFNOSUPPORT
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IF_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (IF_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]
    for numbers in DENIED.values():
        steps += [(IF_EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, permission)]
    left = range(len(FAMILIES), 0, -1)  # steps from each comparison to the last one, which allows
    steps += [
        (IF_EQUAL, 0, len(FAMILIES) + 3, SOCKET[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        *((IF_EQUAL, skip, 0, kind) for skip, kind in zip(left, FAMILIES, strict=True)),
        (RETURN, 0, 0, family),
        (RETURN, 0, 0, ALLOW),
    ]
    # The C library falls back to `clone`, whose flags a filter can read.
    steps += [(IF_EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, missing)]
    steps += [
        (IF_EQUAL, 0, 4, CLONE[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_ANY_BIT, 0, 1, NEW_NAMESPACES),
        (RETURN, 0, 0, permission),
        (RETURN, 0, 0, ALLOW),
        (IF_EQUAL, 0, 4, MMAP[column]),
        (LOAD, 0, 0, FOURTH_ARGUMENT),
        (AND, 0, 0, SHARED_ANONYMOUS),
        (IF_EQUAL, 0, 1, SHARED_ANONYMOUS),
        (RETURN, 0, 0, permission),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
