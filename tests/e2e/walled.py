"""Runs a program behind the unit's walls, as far as one can without a service manager: `walled.py UNIT PROGRAM...`.

System calls are filtered as the unit says, no memory is writable and executable, sockets are of the families that it
names, and no further privilege is to be had. Needs libseccomp and systemd-analyze, which knows the groups of calls.
"""

import ctypes
import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EQUAL = 4
NO_NEW_PRIVILEGES, NO_WRITABLE_CODE = 38, 65


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp of seccomp.h."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def calls(words: Iterable[str]) -> set[str]:
    """The calls that groups and names stand for."""
    found: set[str] = set()
    for word in words:
        if word.startswith("@"):
            ask = [shutil.which("systemd-analyze") or "", "syscall-filter", "--no-pager", word]
            told = subprocess.run(ask, capture_output=True, text=True, check=True)
            lines = (line.strip() for line in told.stdout.splitlines()[1:])
            found |= calls(line for line in lines if line and not line.startswith("#"))
        else:
            found.add(word)
    return found


def allowed(unit: str) -> set[str]:
    """What the unit's filters leave."""
    found = calls(["@default"])
    for words in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        if words.startswith("~"):
            found -= calls(words[1:].split())
        else:
            found |= calls(words.split())
    return found


def wall(unit: str) -> None:
    """Put this process, and all that it starts, behind them."""
    system, library = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE | errno.EPERM)))
    families = {int(getattr(socket, name)) for name in re.findall(r"AF_\w+", unit)}
    for name in sorted(allowed(unit)):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            of = sorted(families) if name == "socket" else [None]
            for family in of:
                only = (Comparison * 1)(Comparison(arg=0, op=EQUAL, a=family or 0, b=0))
                amount = 0 if family is None else 1
                assert library.seccomp_rule_add_array(rules, ctypes.c_uint32(ALLOW), number, amount, only) == 0
    assert system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    if "MemoryDenyWriteExecute=yes" in unit:
        system.prctl(NO_WRITABLE_CODE, 1, 0, 0, 0)  # from Linux 6.3 on
    assert library.seccomp_load(rules) == 0


if __name__ == "__main__":
    wall(Path(sys.argv[1]).read_text("utf-8"))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - it takes this process's place behind the walls
