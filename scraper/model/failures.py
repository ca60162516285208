"""The few failures that travel as exceptions, because every caller on the way must stop."""

from collections.abc import Iterable
from dataclasses import dataclass


class ScraperError(Exception):
    """Something that a person has to mend. The message is one clear sentence that says what and where."""


class StoreUnavailableError(ScraperError):
    """The store cannot write now: disk full, read-only, locked.

    Nothing of the call happened, and it may be repeated. The message names the path.
    """


class StoreDamagedError(ScraperError):
    """The store's files cannot be read or do not agree; the message names the file and the command that helps."""


class StoreBusyError(ScraperError):
    """Another process holds the data directory; the message names its pid and when it started."""


class MissingExtraError(ScraperError):
    """What was asked for needs a package that the default install leaves out; the message names the extra."""


class StoreFencedError(ScraperError):
    """Another writer has taken over; nothing of the call happened, and nothing ever will."""


class StoreGoneError(ScraperError):
    """The data directory that was opened is not there any more: what is written now would be lost with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFault:
    """One thing that is wrong with what a person configured."""

    file: str
    """Path of the file as it was named, or `environment`."""
    line: int | None
    """Counted from 1; None where it cannot be told."""
    key: str
    """Key path such as `policy.request_spacing` or `feeds[0]`; empty when the file as a whole is meant."""
    value: str | None
    """What stands there, shortened; None when nothing does."""
    expected: str
    """What should stand there, in words."""

    def __str__(self) -> str:
        """One line for a person."""
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        what = " = ".join(part for part in (self.key, self.value) if part)
        return ": ".join(part for part in (where, what, f"expected {self.expected}") if part)


class ConfigurationError(ScraperError):
    """The configuration cannot be used. Carries every fault of every file; the message has one line for each."""

    def __init__(self, faults: Iterable[ConfigFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
