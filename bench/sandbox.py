"""The worker pool: what a job costs beyond its own work, what a killed worker costs, and how the loop fares meanwhile.

    python bench/sandbox.py

Every figure is the median of several runs in the same process. "loop lag" is the longest time for which the event
loop did not turn while 5 MB went to a worker and back.
"""

import asyncio
import importlib
import math
import operator
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from statistics import median

from scraper.sandbox import Killed, Sandbox


def warm_up() -> None:
    importlib.import_module("trafilatura")


async def main() -> None:
    start = time.perf_counter()
    # A program has no importable name, so the function that warms up is found under the name of this file.
    warm = importlib.import_module("sandbox").warm_up
    async with Sandbox(
        workers=1, timeout=timedelta(seconds=0.2), memory=1_000_000_000, recycle_after=10_000, warm_up=warm
    ) as box:
        await box.run(math.sqrt, 4.0)
        print(f"start, trafilatura imported      {(time.perf_counter() - start) * 1e3:9.1f} ms")
        print(f"empty job                        {await timed(lambda: box.run(math.sqrt, 4.0), 500):9.3f} ms")
        page = b"x" * 500_000
        print(f"job with 500 KB there            {await timed(lambda: box.run(len, page), 100):9.3f} ms")

        async def killed_then_replaced() -> None:
            assert isinstance(await box.run(time.sleep, 60), Killed)
            await box.run(math.sqrt, 4.0)

        print(f"killed and replaced, beyond 200  {await timed(killed_then_replaced, 10) - 200:9.3f} ms")
    async with Sandbox(
        workers=1, timeout=timedelta(seconds=20), memory=1_000_000_000, recycle_after=10_000, warm_up=warm
    ) as box:
        await box.run(math.sqrt, 4.0)
        lag = asyncio.create_task(longest_lag())
        big = b"x" * 5_000_000
        took = await timed(lambda: box.run(operator.add, big, b""), 5)
        lag.cancel()
        print(f"5 MB there and back              {took:9.1f} ms, loop lag {LONGEST['ms']:.1f} ms")


LONGEST = {"ms": 0.0}


async def longest_lag() -> None:
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0)
        LONGEST["ms"] = max(LONGEST["ms"], (time.perf_counter() - start) * 1e3)


async def timed(run: Callable[[], Awaitable[object]], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        await run()
        times.append(time.perf_counter() - start)
    return median(times) * 1e3


if __name__ == "__main__":
    asyncio.run(main())
