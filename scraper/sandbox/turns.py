"""Large answers are opened piece by piece, so that nobody else waits for the whole of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def one_a_turn(pieces: Iterable[T]) -> AsyncIterator[T]:
    """The pieces one after the other; the event loop takes its turn before each, and behind the last one."""
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece
    await asyncio.sleep(0)
