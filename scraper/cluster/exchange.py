"""Questions and answers between the line and one shard, many to a call.

    line: Channel ── collect(known, questions) ──> shard: Desk
                  <── answers as soon as there are any ──
                  ── take(questions) ──> while it waits for answers

Each call costs some milliseconds of CPU on both sides whatever it carries, so questions ride on the call that asks for
answers, and between two of these there is a pause in which both gather.

A question has a ticket that is never given twice. Whatever is lost on the way is asked again under the same ticket: a
shard that still has the question does not begin anew, one in its next life does. An answer stays with the shard until
the line has said that it has it; its ticket is known for longer, because a question that is asked again may come after
that.
"""

import asyncio
import contextlib
import pickle
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from typing import Any, Protocol, Self

from scraper.engine.decisions import defect

MOST_QUESTIONS = 64
MOST_ANSWERS = 64
MOST_BYTES = 8_000_000
MOST_REMEMBERED = 20_000
"""So many answered tickets a shard knows again: far more than can be overtaken on the way."""
GATHER_S = 0.03
"""So long the line waits for questions before it asks for answers: new stories are begun as others end."""
LINGER_S = 0.4
"""So long an answer waits at the shard for others to travel with, while there are many to come."""
RIDE_S = 0.2
"""So long a question waits for a call to ride on before it gets one of its own."""
HOLD_S = 5.0
"""So long a shard that has no answer keeps the line waiting before it says so."""
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A method of the shard and what it is called with."""

    ticket: int
    method: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the method gave, pickled, or the defect of ours that it met."""

    ticket: int
    value: bytes
    defect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Those that were ready; `life` changes when the shard is started anew."""

    life: str
    replies: tuple[Reply, ...] = ()


class ShardDefectError(Exception):
    """A shard met a defect of ours."""


class LostShardError(Exception):
    """The shard cannot be reached at the moment; what it was asked may have been done."""


class Desk:
    """The shard's side. For one event loop."""

    def __init__(self, answer: Callable[[str, tuple[Any, ...]], Awaitable[Any]]) -> None:
        self._answer = answer
        self._life = token_hex(8)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._ready: dict[int, Reply] = {}
        self._done: dict[int, None] = {}
        self._any = asyncio.Event()
        self._enough = asyncio.Event()

    def take(self, questions: Sequence[Question]) -> str:
        """Begin to answer those that are not known yet. Gives the shard's life."""
        for question in questions:
            if not any(question.ticket in known for known in (self._under_way, self._ready, self._done)):
                task = asyncio.create_task(self._find(question), name=question.method)
                self._under_way[question.ticket] = task
        return self._life

    async def _find(self, question: Question) -> None:
        try:
            value = await self._answer(question.method, question.args)
            reply = Reply(ticket=question.ticket, value=pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        except Exception as error:  # noqa: BLE001 - it is for the line to say what becomes of the story
            reply = Reply(ticket=question.ticket, value=b"", defect=defect(error))
        self._ready[question.ticket] = reply
        del self._under_way[question.ticket]
        self._any.set()
        if self._is_enough():
            self._enough.set()

    def _is_enough(self) -> bool:
        """Whether a call is well used: answers to a third of what is here, or as many as fit."""
        ready = len(self._ready)
        return 2 * ready >= len(self._under_way) or ready >= MOST_ANSWERS

    async def collect(self, known: Sequence[int], questions: Sequence[Question] = ()) -> Replies:
        """Begin to answer questions; answers to any as soon as there are some. Those `known` are let go of."""
        self.take(questions)
        for ticket in known:
            self._ready.pop(ticket, None)
            self._done[ticket] = None
        while len(self._done) > MOST_REMEMBERED:
            del self._done[next(iter(self._done))]
        await self._gathered()
        replies: list[Reply] = []
        size = 0
        for reply in self._ready.values():
            if replies and (len(replies) == MOST_ANSWERS or size + len(reply.value) > MOST_BYTES):
                break
            replies.append(reply)
            size += len(reply.value)
        return Replies(life=self._life, replies=tuple(replies))

    async def _gathered(self) -> None:
        """Wait for an answer, and then a moment for others."""
        with contextlib.suppress(TimeoutError):
            if not self._ready:
                self._any.clear()
                async with asyncio.timeout(HOLD_S):
                    await self._any.wait()
            if not self._is_enough():
                self._enough.clear()
                async with asyncio.timeout(LINGER_S):
                    await self._enough.wait()


class Way(Protocol):
    """How the line reaches the shard; both raise LostShardError when it does not."""

    async def take(self, questions: Sequence[Question]) -> str:
        """See Desk."""
        ...

    async def collect(self, known: Sequence[int], questions: Sequence[Question]) -> Replies:
        """See Desk."""
        ...


@dataclass(slots=True, kw_only=True)
class _Asked:
    question: Question
    answer: "asyncio.Future[Any]"
    sent: bool = False


class Channel:
    """The line's side. An asynchronous context manager, for one event loop."""

    _tickets = count(1)

    def __init__(self, way: Way) -> None:
        self._way = way
        self._asked: dict[int, _Asked] = {}
        self._life = ""
        self._known: list[int] = []
        self._unsent = asyncio.Event()
        self._open = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin to carry."""
        self._tasks = [asyncio.create_task(self._carry_on(carry)) for carry in (self._send, self._fetch)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Carry no more; those who still wait are told so."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for asked in self._asked.values():
            asked.answer.cancel()

    async def ask(self, method: str, *args: Any) -> Any:
        """The shard's answer, however often the shard is lost meanwhile. Raises ShardDefectError."""
        question = Question(ticket=next(self._tickets), method=method, args=args)
        asked = _Asked(question=question, answer=asyncio.get_running_loop().create_future())
        self._asked[question.ticket] = asked
        self._unsent.set()
        self._open.set()
        try:
            return await asked.answer
        finally:
            del self._asked[question.ticket]

    async def _carry_on(self, carry: Callable[[], Awaitable[None]]) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await carry()
                pause = _FIRST_PAUSE_S
            except LostShardError:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                self._ask_again()
            except Exception as error:  # noqa: BLE001 - nobody may wait for ever for what cannot come
                for asked in self._asked.values():
                    if not asked.answer.done():
                        asked.answer.set_exception(ShardDefectError(defect(error)))
                await asyncio.sleep(pause)

    def _ask_again(self) -> None:
        for asked in self._asked.values():
            asked.sent = False
        self._unsent.set()

    def _hear_of(self, life: str) -> None:
        """In its next life a shard knows nothing of what it was asked."""
        if self._life and life != self._life:
            self._ask_again()
        self._life = life

    async def _send(self) -> None:
        await self._unsent.wait()
        await asyncio.sleep(RIDE_S)
        if going := self._going():
            self._hear_of(await self._way.take(going))

    def _going(self) -> list[Question]:
        """The next questions that are to be sent."""
        going = [asked for asked in self._asked.values() if not asked.sent and not asked.answer.done()]
        if len(going) <= MOST_QUESTIONS:
            self._unsent.clear()
        for asked in going[:MOST_QUESTIONS]:
            asked.sent = True
        return [asked.question for asked in going[:MOST_QUESTIONS]]

    async def _fetch(self) -> None:
        if not self._asked:
            self._open.clear()
            await self._open.wait()
        await asyncio.sleep(GATHER_S)
        known, self._known = self._known, []
        try:
            replies = await self._way.collect(known, self._going())
        except LostShardError:
            self._known = known
            raise
        self._known = [reply.ticket for reply in replies.replies]
        for reply in replies.replies:
            self._settle(reply)
        self._hear_of(replies.life)

    def _settle(self, reply: Reply) -> None:
        asked = self._asked.get(reply.ticket)
        if asked is None or asked.answer.done():
            return
        if reply.defect is not None:
            asked.answer.set_exception(ShardDefectError(reply.defect))
        else:
            asked.answer.set_result(pickle.loads(reply.value))  # noqa: S301 - written by our own shard
