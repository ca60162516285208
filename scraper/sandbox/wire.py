"""The words that the three kinds of process say to each other.

Control socket (pool to nursery): fixed-size orders `SPAWN id` (with one descriptor attached) and `KILL id`; back
come `EXITED id status`, where status is that of waitpid(2), or -1 when the fork itself failed.

Worker socket (pool to worker): frames of an 8-byte length, a flag byte, the CPU time in nanoseconds that an answer
took, and that many bytes of pickle. A worker opens with its process id, once, when it is ready.
"""

import struct
from enum import IntEnum, IntFlag

ORDER = struct.Struct("<cQ")
REPORT = struct.Struct("<cQq")
FRAME = struct.Struct("<QBQ")
READY = struct.Struct("<Q")

SPAWN = b"S"
KILL = b"K"
EXITED = b"X"

FORK_FAILED = -1

_TOGETHER = 262_144
"""A body of up to so many bytes is sent with its head at once: copying it costs less than waking the reader twice."""


class Answer(IntEnum):
    """What kind of answer a frame holds."""

    RESULT = 0
    RAISED = 1
    MEMORY = 2


class Flag(IntFlag):
    """What a worker says of itself beside its answer."""

    NONE = 0
    WORN = 0x80
    """It has grown and wants to be replaced."""


ANSWER_MASK = 0x0F


def pieces(head: bytes, body: bytes | memoryview) -> tuple[bytes | memoryview, ...]:
    """A frame as it is to be sent, piece by piece."""
    return (b"".join((head, body)),) if len(body) <= _TOGETHER else (head, body)
