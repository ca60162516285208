import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until the condition holds; a test that waits longer has failed."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - conditions of the code under test have no event to wait for
            await asyncio.sleep(0.01)
