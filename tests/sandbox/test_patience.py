"""How long a worker is waited for."""

import asyncio
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.sandbox.patience import RunQueue, Watch, bound, remaining

SECONDS = st.floats(0, 1000)


@pytest.mark.parametrize(
    ("passed", "waited", "left"),
    [
        (0.0, 0.0, 10.0),
        (10.0, 0.0, 0.0),
        (10.0, 9.0, 9.0),
        (19.0, 9.0, 0.0),
        # A wait that began before the job, or a process that has ended and tells nothing.
        (10.0, 12.0, 10.0),
        (10.0, -3.0, 0.0),
    ],
)
def test_the_limit_is_for_the_time_that_was_not_spent_waiting(passed, waited, left):
    assert remaining(limit=10.0, passed=passed, waited=waited) == left


@given(SECONDS, SECONDS, SECONDS)
def test_waiting_never_takes_from_the_limit_and_never_adds_more_than_has_passed(limit, passed, waited):
    left = remaining(limit=limit, passed=passed, waited=waited)
    assert limit - passed <= left <= limit


@given(st.floats(0.000001, 1000))
def test_the_bound_is_beyond_the_limit(limit):
    assert bound(limit) > limit
    assert bound(10.0) == 60.0


def test_no_process_has_waited():
    for nobody in (RunQueue(None), RunQueue(2**22 + 1)):
        assert nobody.waited() == 0.0
        nobody.close()
        nobody.close()


def test_a_process_that_ended_tells_nothing():
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    queue = RunQueue(child)
    os.close(writing)
    os.waitpid(child, 0)
    assert queue.waited() == 0.0
    queue.close()


class Queue(RunQueue):
    """Tells one time after the other, the last of them again and again."""

    __slots__ = ("times",)

    def __init__(self, *times):
        super().__init__(None)
        self.times = list(times)

    def waited(self):
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]


async def test_a_watch_looks_again_for_as_long_as_the_worker_waited():
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    begun = loop.time()
    # At the first look it has had nothing yet, however late that comes; at the second it has had all.
    queue = Queue(100.0, 1000.0, 100.0)
    Watch(queue, 0.05, over.set)
    await over.wait()
    assert queue.times == [100.0]
    assert loop.time() - begun >= 0.1


async def test_a_watch_that_was_ended_says_nothing():
    over = asyncio.Event()
    Watch(Queue(0.0), 0.01, over.set).end()
    await asyncio.sleep(0.03)
    assert not over.is_set()
