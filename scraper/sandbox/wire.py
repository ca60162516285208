"""The words that the three kinds of process say to each other.

Control socket (pool to nursery): fixed-size orders `SPAWN id` (with one descriptor attached) and `KILL id`; back
come `EXITED id status`, where status is that of waitpid(2), or -1 when the fork itself failed.

Worker socket (pool to worker): frames of an 8-byte length, a flag byte, the CPU time in nanoseconds that the job of an
answer took, and that many bytes of pickle. A worker opens with its process id, once, when it is ready. Where the system
has files that are memory alone, what a job holds of `pickle.PickleBuffer`s comes in such a file: nobody need wait until
a socket has room for it. The frame then says `ASIDE`, and its pickle begins with the number of buffers and the size of
each. The file's descriptor is attached to the first such frame; the worker keeps it, and each job overwrites the last.
"""

import os
import struct
from collections.abc import Sequence
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
    ASIDE = 0x40
    """Buffers of the job are in a file of their own."""


ANSWER_MASK = 0x0F


def pieces(head: bytes, body: bytes | memoryview) -> tuple[bytes | memoryview, ...]:
    """A frame as it is to be sent, piece by piece."""
    return (b"".join((head, body)),) if len(body) <= _TOGETHER else (head, body)


HAS_FILES = hasattr(os, "memfd_create")
"""Whether buffers can come in a file."""
_COUNT = struct.Struct("<I")


def new_file() -> int:
    """The descriptor of a file in memory for the buffers of a worker's jobs."""
    return os.memfd_create("jobs", os.MFD_CLOEXEC)


def put_aside(file: int, buffers: Sequence[memoryview]) -> bytes:
    """Write the buffers into the file. Returns what the job's pickle then begins with."""
    at = 0
    for buffer in buffers:
        left = buffer
        while left:
            written = os.pwrite(file, left, at)
            left, at = left[written:], at + written
    return _COUNT.pack(len(buffers)) + struct.pack(f"<{len(buffers)}Q", *(buffer.nbytes for buffer in buffers))


def take_up(file: int, payload: bytearray) -> tuple[list[bytes], memoryview]:
    """The buffers of a job, and its pickle."""
    (count,) = _COUNT.unpack_from(payload)
    sizes = struct.unpack_from(f"<{count}Q", payload, _COUNT.size)
    at, buffers = 0, []
    for size in sizes:
        buffers.append(os.pread(file, size, at))
        at += size
    return buffers, memoryview(payload)[_COUNT.size + 8 * count :]
