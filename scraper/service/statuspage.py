"""The status page beside the daemon: a process of its own, begun anew when it dies, gone when the daemon is.

It shares nothing with the daemon but a listening socket and files that it reads, so that no view of a page, however
slow, takes the daemon's time.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from scraper.logs import Log
from scraper.settings import StatusSettings

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_PATIENCE_S = 5.0
_STEADY_S = 60.0
"""A page that has run for so long has not failed at its start."""


def order_for(listener: socket.socket, data: Path, settings: StatusSettings, names: Mapping[str, str]) -> bytes:
    """What the page's process is told: `scraper.status.web.__main__.Order` as JSON."""
    look = {"zone": settings.time_zone, "token": settings.token, "hosts": settings.hosts, "names": dict(names)}
    return msgspec.json.encode({"descriptor": listener.fileno(), "data": str(data.absolute()), "look": look})


@asynccontextmanager
async def status_page(listener: socket.socket, order: bytes, log: Log) -> AsyncIterator[None]:
    """Serve the page on a listening socket for as long as the context lasts; closes the socket."""
    with listener:
        serving = asyncio.create_task(_serve(listener, order, log))
        try:
            yield
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving


async def _serve(listener: socket.socket, order: bytes, log: Log) -> None:
    """Start the process, and start it anew with growing pauses whenever it ends by itself."""
    loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE_S
    while True:
        began = loop.time()
        try:
            status = await _run_once(listener, order)
        except OSError as error:
            log.warning("status page cannot be started", error=str(error))
            status = None
        pause = _FIRST_PAUSE_S if loop.time() - began > _STEADY_S else min(pause * 2, _LONGEST_PAUSE_S)
        log.warning("status page ended", exit=status, again_in_s=pause)
        await asyncio.sleep(pause)


async def _run_once(listener: socket.socket, order: bytes) -> int | None:
    # A session of its own: Ctrl-C in a terminal is the daemon's to handle.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "scraper.status.web",
        stdin=asyncio.subprocess.PIPE,
        pass_fds=(listener.fileno(),),
        start_new_session=True,
    )
    if process.stdin is None:
        raise AssertionError("a pipe was asked for")
    try:
        process.stdin.write(order + b"\n")
        await process.wait()
    finally:
        await _end(process, process.stdin)
    return process.returncode


async def _end(process: asyncio.subprocess.Process, orders: asyncio.StreamWriter) -> None:
    """The end of its input asks it to end; what does not is ended."""
    orders.close()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
