"""What can be wrong so that somebody wants to be told, and the word that goes out about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a notice is about. The value is what receivers see and filter by."""

    OUTLET = "outlet-degraded"
    DISK = "disk-low"
    WRITING = "writing-paused"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now."""

    kind: Kind
    subject: str
    """The outlet's id, or the directory that is meant."""
    detail: str
    advice: str


class Turn(StrEnum):
    """Which way something went."""

    RAISED = "raised"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Word of a change that has lasted."""

    turn: Turn
    at: datetime
    since: datetime
    """Since when it is as it is."""
    condition: Condition
    """What is wrong, or was wrong last."""
