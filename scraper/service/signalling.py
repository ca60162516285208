"""What the process is asked by signals: to end, to end at once, to read its configuration again."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

LEEWAY = timedelta(seconds=10)
"""How much longer than `drain` an orderly end may take: to commit, save and close."""


class Stop(asyncio.Event):
    """Set when the process is asked to end; remembers which signal asked."""

    asked_by: signal.Signals | None = None


@contextlib.asynccontextmanager
async def signals(reload: asyncio.Event | None = None) -> AsyncIterator[Stop]:
    """A stop that SIGINT and SIGTERM set, for as long as the context lasts. SIGHUP sets `reload` where one is given."""
    stop = Stop()
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        stop.asked_by = stop.asked_by or number
        stop.set()

    numbers = [signal.SIGINT, signal.SIGTERM]
    for number in numbers:
        loop.add_signal_handler(number, ask, number)
    if reload is not None:
        numbers.append(signal.SIGHUP)
        loop.add_signal_handler(signal.SIGHUP, reload.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def end_late(stop: Stop, drain: timedelta, tell: Callable[[str], None]) -> None:
    """Once `stop` is set, see to it that the process ends within `drain` and the leeway, whatever then hangs.

    A second Ctrl-C ends it at once. Either is as safe as a power cut, which loses nothing that was acknowledged. `tell`
    is given a sentence first. Runs as a task beside the work.
    """
    await stop.wait()
    number = stop.asked_by or signal.SIGTERM
    status = 128 + number

    def end(why: str) -> None:
        tell(why)
        os._exit(status)

    seconds = (drain + LEEWAY).total_seconds()
    # A thread, for it is the loop or one of its threads that may hang.
    timer = threading.Timer(seconds, end, [f"not over {seconds:g} s after {number.name}: ended without waiting"])
    timer.daemon = True
    timer.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, end, "asked twice: ended without waiting")
