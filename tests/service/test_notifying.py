"""The service notifier's datagrams, received on a real socket."""

import socket
from datetime import timedelta

import pytest

from scraper.service.notifying import Notifier


@pytest.fixture
def heard(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "n"))
        sock.settimeout(10)
        yield sock


def words(sock):
    return dict(line.split("=", 1) for line in sock.recv(4096).decode().split("\n"))


def test_the_manager_hears_of_each_change(heard):
    notifier = Notifier.of({"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "30000000"}, pid=7)
    assert notifier.watchdog == timedelta(seconds=30)
    notifier.ready("12 outlets")
    assert words(heard) == {"READY": "1", "STATUS": "12 outlets"}
    notifier.alive("3 kept\nREADY=0")
    assert words(heard) == {"WATCHDOG": "1", "STATUS": "3 kept READY=0"}
    notifier.reloading()
    reloading = words(heard)
    assert reloading["RELOADING"] == "1"
    assert int(reloading["MONOTONIC_USEC"]) > 0
    notifier.stopping()
    assert words(heard)["STOPPING"] == "1"


def test_an_abstract_address_works_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")  # the kernel chooses an abstract name
        sock.settimeout(10)
        Notifier("@" + sock.getsockname()[1:].decode(), None).ready("up")
        assert words(sock)["READY"] == "1"


@pytest.mark.parametrize(
    ("environ", "watchdog"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "nonsense"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "7"}, timedelta(seconds=1)),
    ],
)
def test_only_a_watchdog_that_is_meant_for_us_is_heeded(environ, watchdog):
    assert Notifier.of(environ, pid=7).watchdog == watchdog


def test_a_manager_that_is_gone_or_full_stops_nobody(tmp_path):
    Notifier(None, None).ready("nobody")
    Notifier(str(tmp_path / "missing"), None).ready("gone")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "full"))
        notifier = Notifier(str(tmp_path / "full"), None)
        for _ in range(2000):
            notifier.alive("x" * 100)
