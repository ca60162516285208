"""What a service manager is told: the datagrams of systemd's sd_notify(3), without its library."""

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Self

_LONGEST_STATUS = 300


class Notifier:
    """Sends what it is told to the manager's socket; does nothing where there is none. A lost word stops nobody."""

    def __init__(self, address: str | None, watchdog: timedelta | None) -> None:
        # A leading @ stands for the abstract namespace.
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self.watchdog = watchdog
        """How often at least it wants to hear that the daemon is alive; None when it does not care."""

    @classmethod
    def of(cls, environ: Mapping[str, str], pid: int) -> Self:
        """The manager that started the process with this id, by its environment."""
        watchdog = None
        with contextlib.suppress(ValueError):
            if environ.get("WATCHDOG_PID", str(pid)) == str(pid) and (given := int(environ.get("WATCHDOG_USEC", "0"))):
                watchdog = timedelta(microseconds=given)
        return cls(environ.get("NOTIFY_SOCKET"), watchdog)

    def ready(self, status: str) -> None:
        """The daemon collects; also what ends a reload."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """A new configuration was accepted and is being put in force."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", _status("reading the configuration"))

    def stopping(self) -> None:
        """The daemon drains."""
        self._send("STOPPING=1", _status("stopping: work under way gets its time to end"))

    def alive(self, status: str) -> None:
        """The daemon's loop turns."""
        self._send("WATCHDOG=1", _status(status))

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto("\n".join(lines).encode(), self._address)


def own_notifier() -> Notifier:
    """The manager that started this process."""
    return Notifier.of(os.environ, os.getpid())


def _status(text: str) -> str:
    return "STATUS=" + "".join(c if c.isprintable() else " " for c in text)[:_LONGEST_STATUS]
