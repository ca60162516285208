"""Reads what does not come again by itself, although the machine is overloaded."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from scraper.sandbox import Killed, Raised, Sandbox

P = ParamSpec("P")
T = TypeVar("T")

_TRIES = 3


async def insisting(sandbox: Sandbox, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Killed | Raised:
    """What the sandbox gives for the job; a job that met overload is done again at once, three times in all."""
    for _ in range(_TRIES):
        answer = await sandbox.run(job, *args, **kwargs)
        if not (isinstance(answer, Killed) and answer.overload):
            break
    return answer
