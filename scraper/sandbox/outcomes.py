"""What becomes of a job besides its result."""

from dataclasses import dataclass

from scraper.model.failures import ScraperError


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The worker was ended before it gave a result: time, memory, a crash, or the sandbox closed."""

    detail: str
    overload: bool = False
    """The worker did not get the time that it was to have: the machine is to blame, and the job may well be done
    another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The job raised an exception. `detail` is its type and message."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a job gave, still pickled: on its way to whoever asked for it."""

    raised: bool
    body: bytes | bytearray


class SandboxBrokenError(ScraperError):
    """No worker can be started at all, for example because the code to be run cannot be imported."""
