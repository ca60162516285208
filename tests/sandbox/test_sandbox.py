"""The worker pool, with real child processes."""

import asyncio
import functools
import os
import pickle
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.sandbox import Answered, Killed, Raised, Sandbox, SandboxBrokenError, opened
from tests.sandbox import jobs

ROOT = Path(__file__).parent.parent.parent
TOLD = Path("/proc/self/schedstat").exists()


def sandbox(workers: int = 1, timeout: float = 20.0, memory: int = 300_000_000, recycle_after: int = 100) -> Sandbox:
    return Sandbox(workers=workers, timeout=timedelta(seconds=timeout), memory=memory, recycle_after=recycle_after)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def gone(pid: int, seconds: float = 10.0) -> bool:
    for _ in range(int(seconds / 0.02)):
        if not alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_gives_the_result():
    async with sandbox() as box:
        assert await box.run(jobs.add, 2, b=3) == 5


async def test_one_worker_serves_many_jobs():
    async with sandbox() as box:
        assert len({await box.run(jobs.pid) for _ in range(5)}) == 1


async def test_an_exception_is_a_value_and_the_worker_stays():
    async with sandbox() as box:
        before = await box.run(jobs.pid)
        assert await box.run(jobs.fail, "no such thing") == Raised(detail="LookupError: no such thing")
        assert await box.run(jobs.exit_politely) == Raised(detail="SystemExit: 4")
        assert isinstance(await box.run(jobs.unpicklable), Raised)
        assert await box.run(jobs.pid) == before


async def test_a_job_without_end_is_killed_and_only_its_worker_is_replaced():
    async with sandbox(workers=2, timeout=3.0) as box:
        pids = await asyncio.gather(box.run(jobs.pid), box.run(jobs.pid))
        endless = asyncio.create_task(box.run(jobs.spin))
        await asyncio.sleep(0)
        # Now it has taken one of the two. Without that turn of the loop, a worker that answers at once would be idle
        # again before the endless job begins, which would then take the same one.
        other = await box.run(jobs.pid)
        assert await endless == Killed(detail="took longer than 3 s")
        assert other in pids
        assert [await gone(pid) for pid in pids if isinstance(pid, int) and pid != other] == [True]
        assert await box.run(jobs.pid) == other


@pytest.mark.parametrize("job", [functools.partial(jobs.sleep, 60), jobs.stop])
async def test_a_job_that_hangs_is_killed_like_one_that_spins(job):
    async with sandbox(timeout=0.5) as box:
        assert await box.run(job) == Killed(detail="took longer than 0.5 s")
        assert await box.run(jobs.add, 1, 1) == 2


@pytest.mark.skipif(not TOLD, reason="waits for a processor are told by Linux")
async def test_waiting_for_a_processor_does_not_count():
    async with sandbox(timeout=1.0) as box:
        assert await box.run(jobs.wait_for_a_processor, 1.5, 8) == "done"


@pytest.mark.skipif(not TOLD, reason="waits for a processor are told by Linux")
async def test_a_job_that_only_waits_ends_all_the_same_and_the_machine_is_blamed():
    async with sandbox(timeout=0.6) as box:
        answer = await box.run(jobs.wait_for_a_processor, 60, 20)
        assert answer == Killed(detail="not done in 3.6 s on an overloaded machine", overload=True)
        assert await box.run(jobs.add, 1, 1) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
async def test_a_worker_that_does_not_take_its_job_holds_nobody_up():
    async with sandbox(timeout=0.1) as box:
        pid = await box.run(jobs.pid)
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGSTOP)
        answer = await box.run(jobs.size, b"x" * 30_000_000)
        assert answer == Killed(detail="not done in 2 s on an overloaded machine", overload=True)
        assert await box.run(jobs.add, 1, 1) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
async def test_workers_leave_no_descriptor_behind():
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    async with sandbox(recycle_after=2) as box:
        await box.run(jobs.add, 1, 1)
        before = descriptors()
        for _ in range(7):
            await box.run(jobs.add, 1, 1)
        await box.run(jobs.leave)
        await box.run(jobs.add, 1, 1)
        assert descriptors() == before


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
async def test_no_order_is_lost_while_the_nursery_is_held_up():
    async with sandbox(workers=3, timeout=60) as box:
        nursery, *pids = await asyncio.gather(box.run(jobs.parent), box.run(jobs.pid), box.run(jobs.pid))
        assert isinstance(nursery, int)
        endless = [asyncio.create_task(box.run(jobs.spin)) for _ in range(3)]
        await asyncio.sleep(0)
        children = children_of(nursery)
        assert set(pids) <= set(children)
        os.kill(nursery, signal.SIGSTOP)
        # Each of these orders a worker and its end; the buffer takes some 280 orders.
        endless.pop().cancel()
        for _ in range(400):
            job = asyncio.create_task(box.run(jobs.add, 1, 1))
            await asyncio.sleep(0)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
        for spinning in endless:
            spinning.cancel()
        await asyncio.gather(*endless, return_exceptions=True)
        os.kill(nursery, signal.SIGCONT)
        assert [await gone(pid, 60) for pid in children] == [True] * 3
        assert await box.run(jobs.add, 1, 1) == 2
        last = await box.run(jobs.pid)
        left = children_of(nursery)
        assert last in left
        assert [await gone(pid, 60) for pid in left if pid != last] == [True] * (len(left) - 1)


async def test_a_crash_names_the_signal():
    async with sandbox() as box:
        assert await box.run(jobs.crash) == Killed(detail="the worker crashed (SIGSEGV)")
        assert await box.run(jobs.leave) == Killed(detail="the worker ended with status 3")
        assert await box.run(jobs.add, 1, 1) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the address space is limited on Linux")
async def test_memory_is_limited():
    async with sandbox(memory=100_000_000) as box:
        assert await box.run(jobs.swallow, 50_000_000) == 50_000_000
        assert await box.run(jobs.swallow, 500_000_000) == Killed(detail="took more than 100 MB of memory")
        assert await box.run(jobs.add, 1, 1) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
async def test_a_worker_that_keeps_memory_is_replaced():
    async with sandbox(memory=200_000_000) as box:
        first = await box.run(jobs.hoard, 60_000_000)
        assert await box.run(jobs.hoard, 60_000_000) == first
        assert await box.run(jobs.pid) != first


async def test_a_worker_is_replaced_after_its_share_of_jobs():
    async with sandbox(recycle_after=3) as box:
        pids = [await box.run(jobs.pid) for _ in range(7)]
    assert len(set(pids)) == 3
    assert pids[0] == pids[2] != pids[3] == pids[5] != pids[6]


async def test_payloads_of_many_megabytes_pass_and_the_loop_goes_on():
    async with sandbox() as box:
        await box.run(jobs.add, 1, 1)
        data = os.urandom(1_000_000) * 20
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticker = asyncio.create_task(tick())
        assert await box.run(jobs.echo, data) == data
        ticker.cancel()
        # 20 MB there and back through buffers of some 200 KB: the loop turned between the pieces.
        assert ticks > 40


async def test_buffers_go_beside_the_pickle_one_job_after_the_other():
    async with sandbox() as box:
        for size in (300_000, 20_000_000, 0, 1000):
            body = bytes(size) + b"!"
            assert await box.run(jobs.size_of, pickle.PickleBuffer(body)) == ("bytes", size + 1, b"!")
            assert await box.run(jobs.add, size, 1) == size + 1


async def test_several_jobs_go_together_and_one_that_raises_does_not_stop_the_others():
    async with sandbox(recycle_after=4) as box:
        bodies = [pickle.PickleBuffer(bytes(size)) for size in (5, 70_000)]
        assert await box.run_each(jobs.size_of, [(body,) for body in bodies]) == [
            ("bytes", 5, b"\0"),
            ("bytes", 70_000, b"\0"),
        ]
        answers = await box.run_each(jobs.add, [(1, 2), (1, "two"), (3, 4)])
        assert not isinstance(answers, Killed | Raised)
        assert [answers[0], answers[2]] == [3, 7]
        assert isinstance(answers[1], Raised)
        assert answers[1].detail.startswith("TypeError: ")
        # The five jobs were more than a worker's share.
        first = await box.run(jobs.pid)
        assert await box.run_each(jobs.pid, [(), (), ()]) == [first] * 3
        assert await box.run(jobs.pid) != first


async def test_jobs_that_were_pickled_elsewhere_go_together_too():
    def pickled(job: object, *args: object) -> bytes:
        return pickle.dumps((job, args, {}))

    async with sandbox() as box:
        orders = [pickled(jobs.add, 1, 2), pickled(jobs.fail, "no"), pickled(jobs.unpicklable), pickled(jobs.pid)]
        answers = await box.relay_each(
            [*([order] for order in orders[:2]), *([memoryview(order)] for order in orders[2:])]
        )
        assert not isinstance(answers, Killed)
        told = [opened(answer) for answer in answers]
        assert told[:2] == [3, Raised(detail="LookupError: no")]
        assert isinstance(told[2], Raised)
        assert told[3] == await box.run(jobs.pid)
        assert isinstance(await box.relay_each([[orders[0]], [pickled(jobs.leave)]]), Killed)


async def test_jobs_that_go_together_have_the_time_of_one():
    async with sandbox(timeout=0.5) as box:
        assert isinstance(await box.run_each(jobs.sleep, [(0.3,), (0.3,)]), Killed)
        assert await box.run_each(jobs.add, [(1, 1)]) == [2]


async def test_cancelled_callers_leak_no_worker():
    async with sandbox(workers=2) as box:
        first = await box.run(jobs.pid)
        tasks = [asyncio.create_task(box.run(jobs.sleep, 30)) for _ in range(6)]
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with pytest.raises(asyncio.CancelledError):
                await task
        assert isinstance(first, int)
        assert await gone(first)
        async with asyncio.timeout(10):
            assert await asyncio.gather(*[box.run(jobs.add, n, n) for n in range(4)]) == [0, 2, 4, 6]


async def test_closing_ends_what_runs():
    async with sandbox() as box:
        pid = await box.run(jobs.pid)
        running = asyncio.create_task(box.run(jobs.sleep, 30))
        waiting = asyncio.create_task(box.run(jobs.sleep, 30))
        await asyncio.sleep(0.1)
    assert await running == Killed(detail="the sandbox is closed")
    assert await waiting == Killed(detail="the sandbox is closed")
    assert isinstance(pid, int)
    assert await gone(pid)


async def test_interrupts_are_left_to_the_parent():
    async with sandbox() as box:
        assert await box.run(jobs.handlers) == (True, True)


async def test_the_warm_up_is_done_once_for_all_workers():
    async with Sandbox(
        workers=1, timeout=timedelta(seconds=20), memory=300_000_000, recycle_after=1, warm_up=jobs.warm_up
    ) as box:
        assert await box.run(jobs.is_warm) is True
        assert await box.run(jobs.is_warm) is True


async def test_a_broken_warm_up_is_said_once_and_clearly():
    async with Sandbox(
        workers=1, timeout=timedelta(seconds=20), memory=300_000_000, recycle_after=1, warm_up=jobs.broken_warm_up
    ) as box:
        with pytest.raises(SandboxBrokenError, match="no worker process"):
            await box.run(jobs.add, 1, 1)


async def test_a_killed_nursery_is_replaced():
    async with sandbox() as box:
        nursery = await box.run(jobs.parent)
        assert isinstance(nursery, int)
        os.kill(nursery, signal.SIGKILL)
        assert await gone(nursery)
        await asyncio.sleep(0.1)
        assert await box.run(jobs.add, 1, 1) == 2


CLOSING = """
import asyncio
from datetime import timedelta
from scraper.sandbox import Sandbox
from tests.sandbox import jobs

async def main():
    async with Sandbox(workers=2, timeout=timedelta(seconds=60), memory=300_000_000, recycle_after=1) as box:
        await asyncio.gather(*[box.run(jobs.pid) for _ in range(6)])
        asyncio.ensure_future(box.run(jobs.spin))
        await asyncio.sleep(0.2)

asyncio.run(main())
"""


def test_closing_is_silent():
    for _ in range(3):
        ended = subprocess.run([sys.executable, "-c", CLOSING], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


async def test_nonsense_sizes_are_refused():
    with pytest.raises(ValueError, match="positive"):
        sandbox(workers=0)


PARENT = """
import asyncio, sys
from datetime import timedelta
from scraper.sandbox import Sandbox
from tests.sandbox import jobs

async def main():
    async with Sandbox(workers=1, timeout=timedelta(seconds=60), memory=300_000_000, recycle_after=9) as box:
        print(await box.run(jobs.pid), await box.run(jobs.parent), flush=True)
        await box.run(jobs.spin)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_children_die_with_a_killed_parent():
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pids = [int(word) for word in parent.stdout.readline().split()]
            time.sleep(0.3)
            assert [alive(pid) for pid in pids] == [True, True]
        finally:
            parent.kill()
    assert [asyncio.run(gone(pid)) for pid in pids] == [True, True]


async def test_a_job_that_another_process_pickled_is_relayed_without_being_opened_here():
    async with sandbox() as box:
        order = pickle.dumps((jobs.add, (2,), {"b": 3}))
        for carried in (order, memoryview(order)):
            answer = await box.relay([carried])
            assert isinstance(answer, Answered)
            assert opened(answer) == 5
        failed = await box.relay([pickle.dumps((jobs.fail, ("no such thing",), {}))])
        assert opened(failed) == Raised(detail="LookupError: no such thing")
        assert opened(await box.relay([b"no pickle"])) == Raised(detail="UnpicklingError: invalid load key, 'n'.")
