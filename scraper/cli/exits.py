"""How a command ends: the exit statuses that scripts rely on."""

import signal
from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses."""

    DONE = 0
    FAILURES = 1
    """Done, with failures that are told."""
    USAGE = 2
    """Bad usage or configuration; nothing was done."""
    INTERRUPTED = 128 + signal.SIGINT
