"""What `scraper status` shows on a terminal."""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from datetime import timedelta

import pytest
from rich.console import Console

from scraper.cli.status import _on_screen
from scraper.polling import Finding, Trouble
from scraper.status import FeedTrouble, OutletLine, Overview
from scraper.storage import Size
from tests.storage.samples import NOW, collect, store_in


def line(number: int, failing: int = 0) -> OutletLine:
    return OutletLine(
        outlet=f"an-outlet-with-a-long-name-{number}",
        feeds=3,
        feeds_failing=failing,
        kept=12345,
        dropped={"duplicate": 3},
        waiting=0,
        deferred=3,
        last_new=NOW - timedelta(minutes=number),
        next_due=NOW + timedelta(minutes=3),
        failure=None,
    )


def trouble(number: int) -> FeedTrouble:
    finding = Finding(
        trouble=Trouble.FAILING,
        since=NOW,
        detail="41 polls in a row failed, last: no connection: refused at the other end of the line",
        advice="wait if the server is down; otherwise check the address, robots.txt and the outlet's policy",
    )
    return FeedTrouble(outlet=line(number).outlet, feed=f"https://o{number}.example/feeds/rss.xml", finding=finding)


@pytest.mark.parametrize("outlets", [0, 3, 230])
@pytest.mark.parametrize("height", [24, 50])
def test_as_much_as_fits_is_shown_with_what_needs_a_look_first(outlets, height):
    report = Overview(
        at=NOW,
        outlets=tuple(line(number, failing=int(number % 50 == 49)) for number in range(outlets)),
        size=Size(articles=1803, files=3, bytes=14 * 10**6, state_bytes=10**6),
        troubles=tuple(trouble(number) for number in range(outlets) if number % 50 == 49),
    )
    console = Console(width=80, height=height)
    rows = ["".join(piece.text for piece in row).rstrip() for row in console.render_lines(_on_screen(report, console))]
    assert len(rows) <= height
    shown = [row for row in rows if row.startswith("an-outlet") and "min" in row]
    if outlets == 230:
        assert any("what to do: wait" in row for row in rows)
        assert all("failing" in row for row in shown[:2])
        assert rows[-1].endswith("more outlets")
        assert len(rows) == height, "all of it is used"
        assert all("…" in row and "12345" in row and "in 3 min" in row for row in shown), "only names are cut"
        assert any("more findings" in row for row in rows)
    else:
        assert len(shown) == outlets


def test_a_terminal_is_followed_until_ctrl_c_and_then_as_it_was(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2, 3])
    store.close()
    command = [sys.executable, "-m", "scraper", "status", "--watch", "--data", str(tmp_path)]
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # shells let what runs in the background ignore it
        os.execve(sys.executable, command, {**os.environ, "TERM": "xterm-256color"})  # noqa: S606 - behind a terminal
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    told = b""
    while b"3 articles" not in told:
        told += os.read(terminal, 65536)
    os.write(terminal, b"\x03")
    try:
        while piece := os.read(terminal, 65536):
            told += piece
    except OSError:  # the other end is closed
        pass
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"Traceback" not in told
    assert told.index(b"\x1b[?1049h") < told.index(b"3 articles") < told.index(b"\x1b[?1049l"), "a screen of its own"
