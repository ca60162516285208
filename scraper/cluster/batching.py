"""Orders that travel together: what is asked for while the ways are busy waits and goes as one call.

A call costs about a millisecond of CPU on both sides, an order in it a tenth of that. With nothing to wait for an order
goes at once and alone, so batches grow with the load and cost no time without it. What happens to an order happens to
it alone: one that holds the others up, or dies with them, is tried again by itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence, Sized
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

T = TypeVar("T")
P = TypeVar("P", bound=Sized)

MOST_ORDERS = 32
MOST_BYTES = 8_000_000
WELL_USED = 16
"""Orders for which a call is worth its cost."""
LINGER_S = 0.2
"""So long an order waits for others to travel with, while others are under way."""


class Undone(Enum):
    """Why an order came back without an answer."""

    LEFT = auto()
    """There was no time for it beside the others."""
    SLOW = auto()
    """It kept the others waiting."""


class LostError(Exception):
    """The orders were lost with whoever did them, more than once."""


@dataclass(slots=True, kw_only=True)
class _Order(Generic[P, T]):
    payload: P
    answer: "asyncio.Future[T]"
    alone: bool = False


class Batches(Generic[P, T]):
    """Sends orders in batches, for one event loop."""

    def __init__(
        self, send: Callable[[Sequence[P]], Awaitable[Sequence[T | Undone]]], under_way: Callable[[], int]
    ) -> None:
        """`send` does orders and gives an answer for each, or raises LostError; `under_way` such calls run at once."""
        self._send = send
        self._most_under_way = under_way
        self._waiting: deque[_Order[P, T]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._carried = 0
        self._lingering: asyncio.TimerHandle | None = None

    async def do(self, payload: P) -> T:
        """The answer to one order. Raises LostError when it was lost although it travelled alone."""
        order = _Order(payload=payload, answer=asyncio.get_running_loop().create_future())
        self._waiting.append(order)
        # Once the loop has come round: orders that are given in the same breath go together.
        asyncio.get_running_loop().call_soon(self._go)
        answer: T = await order.answer
        return answer

    def _go(self, *, lingered: bool = False) -> None:
        if not lingered and self._may_linger():
            return
        while len(self._under_way) < self._most_under_way() and (batch := self._next()):
            self._carried += len(batch)
            task = asyncio.create_task(self._carry(batch))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _may_linger(self) -> bool:
        """Whether those that wait had better wait for more, which they do no longer than a moment."""
        if not self._under_way or not 0 < len(self._waiting) < WELL_USED or self._waiting[0].alone:
            return False
        if self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._have_lingered)
        return True

    def _have_lingered(self) -> None:
        self._lingering = None
        self._go(lingered=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        self._go()

    def _next(self) -> list[_Order[P, T]]:
        """The next orders that may travel together: no more than one way's share of all, so that none stays idle."""
        share = -(-(len(self._waiting) + self._carried) // max(1, self._most_under_way()))
        most = min(MOST_ORDERS, share)
        batch: list[_Order[P, T]] = []
        size = 0
        while self._waiting and len(batch) < most:
            order = self._waiting[0]
            if batch and (order.alone or batch[0].alone or size + len(order.payload) > MOST_BYTES):
                break
            self._waiting.popleft()
            if not order.answer.done():
                batch.append(order)
                size += len(order.payload)
        return batch

    async def _carry(self, batch: list[_Order[P, T]]) -> None:
        try:
            answers = await self._send([order.payload for order in batch])
        except LostError as error:
            if len(batch) == 1:
                _fail(batch, error)
            else:
                self._put_back(batch, alone=True)
        except Exception as error:  # noqa: BLE001 - goes to those who asked
            _fail(batch, error)
        else:
            self._hand_out(batch, answers)
        finally:
            self._carried -= len(batch)

    def _hand_out(self, batch: Sequence[_Order[P, T]], answers: Sequence[T | Undone]) -> None:
        slow, left = [], []
        for order, answer in zip(batch, answers, strict=True):
            if answer is Undone.SLOW:
                slow.append(order)
            elif isinstance(answer, Undone):
                left.append(order)
            elif not order.answer.done():
                order.answer.set_result(answer)
        self._put_back(left, alone=False)
        self._put_back(slow, alone=True)

    def _put_back(self, orders: Sequence[_Order[P, T]], *, alone: bool) -> None:
        for order in reversed(orders):
            order.alone = order.alone or alone
            self._waiting.appendleft(order)


def _fail(batch: Sequence[_Order[P, T]], error: Exception) -> None:
    for order in batch:
        if not order.answer.done():
            order.answer.set_exception(error)
