"""The few failures that travel as exceptions, because every caller on the way must stop."""


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
