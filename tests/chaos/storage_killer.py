"""Ends lives of a store by SIGKILL and looks at what is left: `python -m tests.chaos.storage_killer KILLS SEED`.

Three ways to die: before a chosen step (each write, sync, rename, removal, commit), in the middle of a chosen write,
and at a random moment, which may be inside SQLite. A fourth lets the kernel kill at a chosen size of any file
(RLIMIT_FSIZE), which tears the log of SQLite itself. Prints a line of figures; fails with what was wrong.
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from scraper.storage.disk import Disk
from tests.chaos.storage_life import START, Counting, Journal, examine, expected_at_the_end, live
from tests.storage.samples import store_in


class Deadly(Counting):
    """Kills at one step; when that is a write, after half of it if `torn`."""

    def __init__(self, at: int, *, torn: bool) -> None:
        super().__init__()
        self._at = at
        self._torn = torn

    def before(self, step: str, path: Path) -> None:
        super().before(step, path)
        if len(self.steps) == self._at and not (self._torn and step == "write"):
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, descriptor: int, data: bytes, offset: int, path: Path) -> None:
        if len(self.steps) + 1 == self._at and self._torn:
            os.pwrite(descriptor, data[: len(data) // 2], offset)
            os.kill(os.getpid(), signal.SIGKILL)
        super().write(descriptor, data, offset, path)


def _in_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a child that fails must say why and go
        sys.stderr.write(f"child: {error!r}\n")
        sys.stderr.flush()
        os._exit(1)


def _die_at_size(limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


class Killer:
    """Takes lives in turn and counts how they ended."""

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = random.Random(seed)  # noqa: S311 - chance, not secrecy
        counting = Counting()
        began = time.monotonic()
        live(root / "whole", counting, Journal(root / "whole.notes"))
        self._seconds = time.monotonic() - began
        assert expected_at_the_end(root / "whole") == []
        self._steps = counting.steps
        self._largest = max(path.stat().st_size for path in (root / "whole").rglob("*") if path.is_file())
        self.ends: Counter[str] = Counter()

    def kill(self, number: int) -> None:
        data, notes = self._root / f"life-{number}", Journal(self._root / f"life-{number}.notes")
        for death in range(1 + number % 2):
            self._one_death(data, notes, (number + death) % 4, number)
        # The start after the last death puts all in order…
        store_in(data, now=START + timedelta(days=3)).close()
        wrong = examine(data, notes.notes())
        # …and the life, begun again, comes to the same end as one that was never interrupted.
        live(data, Disk(), notes, START + timedelta(days=4))
        wrong += expected_at_the_end(data)
        notes.close()
        if wrong:
            raise SystemExit(f"life {number}, seen at {data}:\n" + "\n".join(wrong))
        shutil.rmtree(data)

    def _one_death(self, data: Path, notes: Journal, way: int, number: int) -> None:
        step = self._random.randrange(len(self._steps)) + 1
        limit = self._random.randrange(500, self._largest)

        def life() -> None:
            if way == 3:
                _die_at_size(limit)
            live(data, Deadly(step, torn=way == 1) if way < 2 else Disk(), notes, START + timedelta(hours=number % 30))

        pid = _in_child(life)
        if way == 2:
            time.sleep(self._random.random() * self._seconds * 1.3)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise SystemExit(f"life {number} failed on its own")
        signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.ends[signal.Signals(signalled).name if signalled else "lived on"] += 1


def main() -> None:
    kills, seed = int(sys.argv[1]), int(sys.argv[2])
    memory = Path("/dev/shm")  # noqa: S108 - a kill needs no disk, and there are many
    root = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    killer = Killer(root, seed)
    number = 0
    while killer.ends["SIGKILL"] + killer.ends["SIGXFSZ"] < kills:
        killer.kill(number)
        number += 1
    shutil.rmtree(root)
    sys.stdout.write(f"{dict(killer.ends)} in {number} lives\n")


if __name__ == "__main__":
    main()
